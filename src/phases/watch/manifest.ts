import { maskAddresses } from '../../base/secret-text.ts';
import { watchedEngine } from '../../computed/watched.ts';
import type { Manifest } from '../../model/manifest.ts';
import { profileHash } from '../../model/parse-profile.ts';
import type { ResolvedProfile, Stage, StageKind } from '../../model/profile.ts';
import { measurementVersion, schemaVersion } from '../../model/result.ts';
import type { TargetAddress } from '../../model/target.ts';
import { maskArguments, maskCommand } from '../launch/mask-arguments.ts';
import { shippedProtocol } from '../shipped-protocol.ts';
import type { WatchGathered } from './gather.ts';

/** The stage in which the command runs. */
export const loadStage = 'load';

/** What the manifest tells of a watched run before it begins. */
export interface WatchedFacts {
  /** The command and its arguments; no shell reads them. */
  command: readonly string[];
  address: Pick<TargetAddress, 'url' | 'healthPath' | 'readyPath' | 'metricsUrl'>;
  beforeMs: number;
  afterMs: number;
  sampleIntervalMs: number;
  guardRatio: number | null;
  argv: readonly string[];
  toolVersion: string;
}

function watchedStage(name: string, kind: StageKind, durationMs: number): Stage {
  return { name, kind, load: null, durationMs, timeoutMs: 0, pick: 'shuffled', client: null };
}

/** What was done, in the form of a profile. How long the load lasts is only known when it has ended. */
function watchedProfile(options: WatchedFacts, loadMs: number): ResolvedProfile {
  return {
    name: 'watch',
    question: 'What does the load of this command do to the target?',
    corpus: 'unknown',
    adapter: 'none',
    seed: 0,
    scale: 1,
    sampleIntervalMs: options.sampleIntervalMs,
    referenceTimeScale: 1,
    stages: [
      watchedStage('before', 'idle', options.beforeMs),
      watchedStage(loadStage, 'load', loadMs),
      watchedStage('after', 'idle', options.afterMs),
    ],
    abortWhen: [],
    neighbour: null,
    search: null,
    thresholds: {},
    // Without the memory of the target nothing was watched.
    requires: ['low-headroom'],
  };
}

export function firstManifest(options: WatchedFacts, runId: string, startedAt: Date, commit: string | null): Manifest {
  const profile = watchedProfile(options, 0);
  const command = maskCommand(options.command);
  return {
    schemaVersion,
    runId,
    status: 'running',
    exitCause: null,
    startedAt: startedAt.toISOString(),
    endedAt: null,
    tool: { name: 'headroom', version: options.toolVersion, commit },
    measurementVersion,
    protocol: shippedProtocol(),
    session: { id: runId, repeat: 1, of: 1, purpose: 'manual' },
    subject: { version: null, commit: null, image: null },
    node: process.version,
    argv: maskArguments(options.argv),
    pid: process.pid,
    profile,
    profileHash: profileHash(profile, ''),
    planHash: '',
    corpus: { name: 'unknown', digest: '', content: 'what the command sends', items: 0, meanAudioSeconds: null },
    engine: { id: watchedEngine, version: options.toolVersion, why: `the load is ${command.join(' ')}` },
    adapter: 'none',
    target: {
      kind: 'url',
      url: maskAddresses(options.address.url?.href ?? ''),
      exec: null,
      fault: null,
      fixes: [],
      device: { kind: null, why: null },
      observed: '',
      memoryLimit: null,
    },
    guardRatio: options.guardRatio,
    host: {},
    hostClass: '',
    comparability: { must: {}, warn: {} },
    notObserved: [],
    measured: null,
  };
}

export function closedManifest(
  manifest: Manifest,
  gathered: WatchGathered,
  requests: number,
  cpuSeconds: number,
): Manifest {
  const { sampler, command } = gathered;
  const stages = manifest.profile.stages.map((stage) =>
    stage.name === loadStage && command !== null
      ? { ...stage, durationMs: Math.round(command.endMs - command.startMs) }
      : stage,
  );
  const profile = { ...manifest.profile, stages };
  return {
    ...manifest,
    profile,
    profileHash: profileHash(profile, ''),
    status: gathered.status,
    exitCause: gathered.exitCause,
    endedAt: new Date().toISOString(),
    measured: {
      endMs: gathered.endMs,
      // Nothing was planned here: what was imported is all there is.
      planned: requests,
      expectedSamples: sampler?.expectedSamples ?? null,
      missedSamples: sampler?.missedSamples ?? null,
      samplerCostMs: sampler?.costMs ?? null,
      samplerCpuSeconds: sampler?.cpuSeconds ?? null,
      clock: sampler?.clock ?? null,
      cpuSeconds,
    },
  };
}
