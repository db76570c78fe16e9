import { join } from 'node:path';
import { monotonicClock } from '../base/clock.ts';
import type { AdapterOptions } from '../model/adapter.ts';
import type { Detector } from '../model/detector.ts';
import type { LoadEngine } from '../model/engine.ts';
import type { SessionPlace, Subject } from '../model/history.ts';
import type { Manifest } from '../model/manifest.ts';
import { toYaml } from '../model/parse-profile.ts';
import type { OpenProbe } from '../model/probe.ts';
import type { RunResult } from '../model/result.ts';
import type { Observe, TargetAddress } from '../model/target.ts';
import { writeItems } from '../store/items-table.ts';
import { createRunFolder, type RunFolder, writeManifest, writeResolvedProfile } from '../store/run-folder.ts';
import type { AgentAddress } from './agent/link.ts';
import { conclude } from './analyze/conclude.ts';
import { gather } from './gather/gather.ts';
import type { Progress } from './gather/sampler-intake.ts';
import { readHostFacts } from './host-facts.ts';
import { type LaunchedCommand, launchCommand } from './launch/command.ts';
import { KnownSecrets } from './launch/known-secrets.ts';
import { type LaunchedTarget, launchReference } from './launch/launch.ts';
import { type MemoryLimit, openMemoryLimit } from './launch/memory-limit.ts';
import type { TargetChoice } from './launch/target-choice.ts';
import type { Prepared } from './plan/prepare.ts';
import { importMemory } from './prometheus/import.ts';
import { createRunId, readCommit } from './run-id.ts';
import { closedManifest, closeFailed, firstManifest } from './run-manifest.ts';
import { addressText } from './sampler/messages.ts';
import { samplerStarter } from './sampler/start-sampler.ts';

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
  /** null: the target is sampled from this machine. */
  agent: AgentAddress | null;
  skipProbes: readonly string[];
  guardRatio: number | null;
  /** null: a session of its own. */
  session: SessionPlace | null;
  subject: Subject;
  outFolder: string;
  runId: string | null;
  argv: readonly string[];
  toolVersion: string;
  packageRoot: string;
  samplerScript: string;
  openClientProbes(): Promise<readonly { id: string; open: OpenProbe }[]>;
  detectors: readonly Detector[];
  /** Names of hosts and users, addresses and paths are replaced in every file before it is sealed. */
  isAnonymized: boolean;
  signal: AbortSignal;
  onStart(folder: RunFolder, target: string): void;
  onProgress(progress: Progress): void;
  onNotice(line: string): void;
}

async function launch(
  { target, address, signal }: RunOptions,
  limit: MemoryLimit | null,
  folder: RunFolder,
): Promise<LaunchedTarget | LaunchedCommand | null> {
  switch (target.kind) {
    case 'url':
    case 'worker':
      return null;
    case 'reference':
      return await launchReference({ ...target.options, limit, logFile: join(folder.logs, 'reference-server.log') });
    case 'exec':
      return await launchCommand({
        commandLine: target.commandLine,
        url: target.url,
        healthPath: address.healthPath,
        readyWithinMs: target.readyWithinMs,
        limit,
        logFile: join(folder.logs, 'target.log'),
        signal,
      });
  }
}

/** What we started is known without looking for who listens; a group also keeps those that left their parent. */
function observeOf(
  { observe, target }: RunOptions,
  launched: { pid: number } | null,
  limit: MemoryLimit | null,
): Observe {
  if (target.kind !== 'exec' || launched === null || observe.by !== 'listening-socket') {
    return observe;
  }
  const group = limit?.group ?? null;
  return group === null ? { by: 'pid', pid: launched.pid } : { by: 'cgroup', path: group.folder };
}

function openFolder({ prepared, outFolder }: RunOptions, manifest: Manifest): RunFolder {
  const folder = createRunFolder(outFolder, manifest.runId);
  writeManifest(folder, manifest);
  writeResolvedProfile(folder, toYaml(prepared.profile));
  writeItems(folder, prepared.corpus.items);
  return folder;
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
    (target.kind === 'reference' || target.kind === 'exec') && target.limitBytes !== null
      ? await openMemoryLimit(target.limitBytes, `headroom-${process.pid}`)
      : null;
  const secrets = new KnownSecrets(options.argv, [options.agent?.token ?? null]);
  const session = options.session ?? { id: runId, repeat: 1, of: 1, purpose: 'manual' };
  let manifest = firstManifest({ ...options, session }, { runId, startedAt, commit });
  let folder: RunFolder;
  try {
    folder = openFolder(options, manifest);
  } catch (error: unknown) {
    await limit?.release();
    throw error;
  }
  let launched: LaunchedTarget | LaunchedCommand | null = null;
  try {
    const host = await readHostFacts();
    manifest = { ...manifest, host: host.facts, hostClass: host.hostClass, comparability: host.comparability };
    launched = await launch(options, limit, folder);
    const known = 'url' in target ? target.url : (launched?.url ?? null);
    // An engine that is called by the target calls nobody.
    const url = known ?? new URL('http://127.0.0.1');
    manifest = {
      ...manifest,
      target: {
        ...manifest.target,
        url: manifest.target.url === '' ? (known?.href ?? '') : manifest.target.url,
        fixes: launched?.fixes ?? manifest.target.fixes,
        device: launched?.device ?? manifest.target.device,
        memoryLimit: limit === null ? null : { bytes: limit.bytes, how: limit.how },
      },
    };
    writeManifest(folder, manifest);
    const clientProbes = await options.openClientProbes();
    const clock = monotonicClock();
    const wallZeroMs = Date.now();
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
      wallNowMs: () => Date.now() - wallZeroMs,
      url,
      startSampler: samplerStarter(
        { script: options.samplerScript, agent: options.agent, clock },
        {
          observe: observeOf(options, launched, limit),
          address: addressText({ ...options.address, url: known, deviceMonitor: launched?.deviceMonitor ?? null }),
          intervalMs: prepared.profile.sampleIntervalMs,
          skipProbes: options.skipProbes,
        },
      ),
      importAfter: (recorder, endMs) => importMemory(options.observe, recorder, { wallZeroMs, endMs }),
      clientProbes,
      guardRatio: options.guardRatio,
      targetExited: launched?.exited ?? null,
      signal: options.signal,
      onSampler(sampler) {
        const observed = sampler.description;
        const { notObserved } = sampler;
        manifest = secrets.hideTold({ ...manifest, target: { ...manifest.target, observed }, notObserved });
        writeManifest(folder, manifest);
        options.onStart(folder, sampler.description);
      },
      onProgress: options.onProgress,
      onNotice: options.onNotice,
    });
    const cpu = process.cpuUsage(cpuBefore);
    manifest = secrets.hideTold(closedManifest(manifest, gathered, (cpu.user + cpu.system) / 1e6));
  } catch (error: unknown) {
    closeFailed(folder, manifest, secrets.hide(String(error)));
    throw error;
  } finally {
    await launched?.stop();
    await limit?.release();
    await secrets.hideInFiles([folder.logs, folder.engine]);
  }
  writeManifest(folder, manifest);
  const result = await conclude(folder, options.detectors, options);
  return { folder, result };
}
