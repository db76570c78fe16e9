import { join } from 'node:path';
import { monotonicClock } from '../base/clock.ts';
import type { AdapterOptions } from '../model/adapter.ts';
import type { Detector } from '../model/detector.ts';
import type { LoadEngine } from '../model/engine.ts';
import type { Manifest } from '../model/manifest.ts';
import { toYaml } from '../model/parse-profile.ts';
import type { OpenProbe } from '../model/probe.ts';
import type { RunResult } from '../model/result.ts';
import { schemaVersion } from '../model/result.ts';
import type { Observe, TargetAddress } from '../model/target.ts';
import { readRun } from '../store/read-run.ts';
import {
  createRunFolder,
  type RunFolder,
  writeManifest,
  writeResolvedProfile,
  writeResult,
} from '../store/run-folder.ts';
import { seal } from '../store/seal.ts';
import { analyze } from './analyze.ts';
import { type Gathered, gather, type Progress } from './gather.ts';
import { readHostFacts } from './host-facts.ts';
import { type LaunchedTarget, launchReference, type ReferenceOptions } from './launch.ts';
import { openMemoryLimit } from './memory-limit.ts';
import type { Prepared } from './prepare.ts';
import { createRunId, readCommit } from './run-id.ts';
import { addressText } from './sampler-messages.ts';
import { startSamplerProcess } from './sampler-process.ts';

/** Our own target is started for the run, another one is only observed. */
export type TargetChoice =
  | { kind: 'url'; url: URL }
  | { kind: 'reference'; options: Omit<ReferenceOptions, 'limit' | 'logFile'>; limitBytes: number | null };

export interface RunOptions {
  prepared: Prepared;
  target: TargetChoice;
  /** Throws if nothing listens there, before any file is written. */
  preflight(url: URL): Promise<void>;
  adapterOptions: AdapterOptions;
  /** Sends to the neighbour of a profile that has one; `url` null: at the target. */
  neighbour: { engine: LoadEngine; url: URL | null };
  headers: Readonly<Record<string, string>>;
  /** PEM text that a target's certificate is checked against beside the system's. */
  tlsAuthorities: string | null;
  /** What a user said of the target; a launched one tells its own URL. */
  address: Pick<TargetAddress, 'healthPath' | 'readyPath' | 'metricsUrl'>;
  observe: Observe;
  skipProbes: readonly string[];
  guardRatio: number | null;
  outFolder: string;
  runId: string | null;
  argv: readonly string[];
  toolVersion: string;
  packageRoot: string;
  samplerScript: string;
  openClientProbes(): Promise<readonly { id: string; open: OpenProbe }[]>;
  detectors: readonly Detector[];
  signal: AbortSignal;
  onStart(folder: RunFolder, target: string): void;
  onProgress(progress: Progress): void;
  onNotice(line: string): void;
}

/** Header values and anything that looks like a credential in a URL never reach a file (PROTOCOL 8.4). */
export function maskArguments(argv: readonly string[]): readonly string[] {
  return argv.map((argument, index) => {
    if (argv[index - 1] === '--jobs-token') {
      return '***';
    }
    const isHeader = argv[index - 1] === '--header' || argument.startsWith('--header=');
    if (isHeader) {
      return argument.replace(/^((?:--header=)?[^:]+):.*$/s, '$1: ***');
    }
    return argument.replace(/(https?:\/\/)[^/@\s]+@/g, '$1***@');
  });
}

function firstManifest(options: RunOptions, runId: string, startedAt: Date, commit: string | null): Manifest {
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
    node: process.version,
    argv: maskArguments(options.argv),
    pid: process.pid,
    profile: prepared.profile,
    profileHash: prepared.profileHash,
    planHash: prepared.plan.hash,
    corpus: {
      name: corpus.name,
      digest: corpus.digest,
      content: [...new Set(corpus.items.map((item) => item.content))].join(', '),
      items: corpus.items.length,
      meanAudioSeconds: audioSeconds > 0 ? audioSeconds / corpus.items.length : null,
    },
    engine: { id: prepared.engine.id, version: prepared.engineVersion, why: prepared.engineWhy },
    adapter: prepared.adapter.id,
    target: {
      kind: target.kind,
      url: target.kind === 'url' ? target.url.href.replace(/\/\/[^/@]+@/, '//***@') : '',
      fault: target.kind === 'reference' ? target.options.fault : null,
      fixes: target.kind === 'reference' ? target.options.fixes : [],
      device: { kind: null, why: null },
      observed: '',
      memoryLimit: null,
    },
    guardRatio: options.guardRatio,
    host: {},
    hostClass: '',
    notObserved: [],
    measured: null,
  };
}

function closed(manifest: Manifest, gathered: Gathered, cpuSeconds: number): Manifest {
  const { sampler } = gathered;
  return {
    ...manifest,
    status: gathered.status,
    exitCause: gathered.exitCause,
    endedAt: new Date().toISOString(),
    measured: {
      endMs: gathered.endMs,
      planned: gathered.planned,
      expectedSamples: sampler?.expectedSamples ?? null,
      missedSamples: sampler?.missedSamples ?? null,
      samplerCostMs: sampler?.costMs ?? null,
      samplerCpuSeconds: sampler?.cpuSeconds ?? null,
      clock: sampler?.clock ?? null,
      cpuSeconds,
    },
  };
}

/**
 * folder + manifest (running) -> target started -> gather -> manifest (closed) -> seal -> analyze -> result.json
 * Whatever happens after the first file, the folder is closed and the target that we started is stopped.
 */
export async function run(options: RunOptions): Promise<{ folder: RunFolder; result: RunResult }> {
  const { prepared, target } = options;
  if (target.kind === 'url') {
    await options.preflight(target.url);
  }
  const startedAt = new Date();
  const commit = await readCommit(options.packageRoot);
  const runId = options.runId ?? createRunId(startedAt, prepared.profile.name, commit);
  const limit =
    target.kind === 'reference' && target.limitBytes !== null
      ? await openMemoryLimit(target.limitBytes, `headroom-${process.pid}`)
      : null;
  const folder = createRunFolder(options.outFolder, runId);
  let manifest = firstManifest(options, runId, startedAt, commit);
  writeManifest(folder, manifest);
  writeResolvedProfile(folder, toYaml(prepared.profile));
  let launched: LaunchedTarget | null = null;
  try {
    const host = await readHostFacts();
    manifest = { ...manifest, host: host.facts, hostClass: host.hostClass };
    if (target.kind === 'reference') {
      launched = await launchReference({
        ...target.options,
        limit,
        logFile: join(folder.logs, 'reference-server.log'),
      });
    }
    const url = target.kind === 'url' ? target.url : (launched?.url ?? new URL('http://127.0.0.1'));
    manifest = {
      ...manifest,
      target: {
        ...manifest.target,
        url: manifest.target.url === '' ? url.href : manifest.target.url,
        fixes: launched?.fixes ?? manifest.target.fixes,
        device: launched?.device ?? manifest.target.device,
        memoryLimit: limit === null ? null : { bytes: limit.bytes, how: limit.how },
      },
    };
    writeManifest(folder, manifest);
    const clientProbes = await options.openClientProbes();
    const clock = monotonicClock();
    const cpuBefore = process.cpuUsage();
    const gathered = await gather({
      profile: prepared.profile,
      corpus: prepared.corpus,
      plan: prepared.plan,
      compile: prepared.compile,
      neighbour:
        prepared.neighbour === null
          ? null
          : {
              prepared: prepared.neighbour,
              engine: options.neighbour.engine,
              adapterOptions: options.adapterOptions,
              context: {
                url: options.neighbour.url ?? url,
                // Headers are for the target; another host does not get its credentials.
                headers: options.neighbour.url === null ? options.headers : {},
                tlsAuthorities: options.tlsAuthorities,
                folder: folder.engine,
              },
            },
      engine: prepared.engine,
      adapter: prepared.adapter,
      adapterOptions: options.adapterOptions,
      headers: options.headers,
      tlsAuthorities: options.tlsAuthorities,
      folder,
      clock,
      url,
      startSampler: (handlers) =>
        startSamplerProcess(
          options.samplerScript,
          {
            epochNs: clock.epochNs,
            observe: options.observe,
            address: addressText({ ...options.address, url, deviceMonitor: launched?.deviceMonitor ?? null }),
            intervalMs: prepared.profile.sampleIntervalMs,
            skipProbes: options.skipProbes,
          },
          handlers,
        ),
      clientProbes,
      guardRatio: options.guardRatio,
      targetExited: launched?.exited ?? null,
      signal: options.signal,
      onSampler(sampler) {
        manifest = {
          ...manifest,
          target: { ...manifest.target, observed: sampler.description },
          notObserved: sampler.notObserved,
        };
        writeManifest(folder, manifest);
        options.onStart(folder, sampler.description);
      },
      onProgress: options.onProgress,
      onNotice: options.onNotice,
    });
    const cpu = process.cpuUsage(cpuBefore);
    manifest = closed(manifest, gathered, (cpu.user + cpu.system) / 1e6);
  } catch (error: unknown) {
    writeManifest(folder, {
      ...manifest,
      status: 'failed',
      exitCause: String(error),
      endedAt: new Date().toISOString(),
    });
    throw error;
  } finally {
    await launched?.stop();
    await limit?.release();
  }
  writeManifest(folder, manifest);
  await seal(folder);
  const result = analyze(await readRun(folder), options.detectors);
  writeResult(folder, result);
  return { folder, result };
}
