import { maskAddresses } from '../base/secret-text.ts';
import type { AdapterOptions } from '../model/adapter.ts';
import type { SessionPlace, Subject } from '../model/history.ts';
import type { Manifest } from '../model/manifest.ts';
import { measurementVersion, schemaVersion } from '../model/result.ts';
import { type RunFolder, writeManifest } from '../store/run-folder.ts';
import type { Gathered } from './gather/gather.ts';
import { maskArguments, maskCommandLine } from './launch/mask-arguments.ts';
import type { TargetChoice } from './launch/target-choice.ts';
import type { Prepared } from './plan/prepare.ts';
import { shippedProtocol } from './shipped-protocol.ts';

/** What a manifest says of a run before it begins. */
export interface RunFacts {
  prepared: Prepared;
  target: TargetChoice;
  adapterOptions: Pick<AdapterOptions, 'model'>;
  argv: readonly string[];
  toolVersion: string;
  guardRatio: number | null;
  session: SessionPlace;
  subject: Subject;
}

export function firstManifest(
  options: RunFacts,
  { runId, startedAt, commit }: { runId: string; startedAt: Date; commit: string | null },
): Manifest {
  const { prepared, target } = options;
  const { corpus } = prepared;
  const audioSeconds = corpus.items.reduce((sum, item) => sum + (item.traits['audioSeconds'] ?? 0), 0);
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
    session: options.session,
    subject: options.subject,
    node: process.version,
    argv: maskArguments(options.argv),
    pid: process.pid,
    profile: prepared.profile,
    profileHash: prepared.profileHash,
    planHash: prepared.plan.hash,
    corpus: {
      name: corpus.name,
      recipe: prepared.recipe,
      digest: corpus.digest,
      content: [...new Set(corpus.items.map((item) => item.content))].join(', '),
      items: corpus.items.length,
      meanAudioSeconds: audioSeconds > 0 ? audioSeconds / corpus.items.length : null,
    },
    engine: { id: prepared.engine.id, version: prepared.engineVersion, why: prepared.engineWhy },
    adapter: prepared.adapter.id,
    model: options.adapterOptions.model,
    target: {
      kind: target.kind === 'reference' ? 'reference' : 'url',
      url: 'url' in target ? maskAddresses(target.url.href) : '',
      exec: target.kind === 'exec' ? maskCommandLine(target.commandLine) : null,
      fault: target.kind === 'reference' ? target.options.fault : null,
      fixes: target.kind === 'reference' ? target.options.fixes : [],
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

export function closedManifest(manifest: Manifest, gathered: Gathered, cpuSeconds: number): Manifest {
  const { sampler } = gathered;
  return {
    ...manifest,
    status: gathered.status,
    exitCause: gathered.exitCause,
    endedAt: new Date().toISOString(),
    notObserved: [...manifest.notObserved, ...gathered.notObserved],
    measured: {
      endMs: gathered.endMs,
      planned: gathered.planned,
      expectedSamples: sampler?.expectedSamples ?? null,
      missedSamples: sampler?.missedSamples ?? null,
      samplerCostMs: sampler?.costMs ?? null,
      samplerCpuSeconds: sampler?.cpuSeconds ?? null,
      clock: sampler?.clock ?? null,
      clockStepMs: gathered.clockStepMs,
      cpuSeconds,
    },
  };
}

/** Of a run that an error ended; never throws, so that the error is told. */
export function closeFailed(folder: RunFolder, manifest: Manifest, cause: string): void {
  try {
    writeManifest(folder, {
      ...manifest,
      status: 'failed',
      exitCause: cause,
      endedAt: new Date().toISOString(),
    });
  } catch {
    // A full disk takes no manifest either: the run stays `running`, which recovery mends, and the first error is told.
  }
}
