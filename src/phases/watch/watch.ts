import { monotonicClock } from '../../base/clock.ts';
import { BenchError, messageOf } from '../../base/errors.ts';
import { recordsUnusable } from '../../computed/watched.ts';
import type { Detector } from '../../model/detector.ts';
import type { RecordImporter } from '../../model/importer.ts';
import type { Manifest } from '../../model/manifest.ts';
import { toYaml } from '../../model/parse-profile.ts';
import type { OpenProbe } from '../../model/probe.ts';
import type { RunResult } from '../../model/result.ts';
import type { Observe } from '../../model/target.ts';
import { createRunFolder, type RunFolder, writeManifest, writeResolvedProfile } from '../../store/run-folder.ts';
import type { AgentAddress } from '../agent/link.ts';
import { conclude } from '../analyze/conclude.ts';
import { Recorder } from '../gather/recorder.ts';
import { readHostFacts } from '../host-facts.ts';
import { KnownSecrets } from '../launch/known-secrets.ts';
import { importMemory } from '../prometheus/import.ts';
import { createRunId, readCommit } from '../run-id.ts';
import { closeFailed } from '../run-manifest.ts';
import { addressText } from '../sampler/messages.ts';
import { samplerStarter } from '../sampler/start-sampler.ts';
import { type CommandEnd, startCommand } from './command.ts';
import { gatherWatched, type WatchGathered } from './gather.ts';
import { closedManifest, firstManifest, loadStage, type WatchedFacts } from './manifest.ts';
import { importRecords } from './records.ts';
import { chooseImporter, openResultFile } from './result-file.ts';

export interface WatchOptions extends WatchedFacts {
  observe: Observe;
  /** null: the target is sampled from this machine. */
  agent: AgentAddress | null;
  /** Throws if the target or the command is not there, before any file is written. */
  preflight(): Promise<void>;
  /** Request data that the command writes; null: none is imported. `format` null: told by its content. */
  records: { path: string; format: string | null } | null;
  importers: readonly RecordImporter[];
  skipProbes: readonly string[];
  guardStops: boolean;
  hasTerminal: boolean;
  outFolder: string;
  runId: string | null;
  packageRoot: string;
  samplerScript: string;
  openClientProbes(): Promise<readonly { id: string; open: OpenProbe }[]>;
  detectors: readonly Detector[];
  /** Names of hosts and users, addresses and paths are replaced in every file before it is sealed. */
  isAnonymized: boolean;
  signal: AbortSignal;
  onStart(folder: RunFolder, target: string): void;
  onWarning(text: string): void;
}

export interface Watched {
  folder: RunFolder;
  result: RunResult;
  /** null: it was never started. */
  command: CommandEnd | null;
  /** The guard ended the command, so that its exit is our doing. */
  guardStopped: boolean;
}

type Notes = Manifest['notObserved'];

/**
 * Requests of the command's own file. A file that cannot be read costs the run its requests, not its samples; but
 * they were asked for, so it makes the run invalid (PROTOCOL 6.2).
 */
async function importRequests(
  options: WatchOptions,
  recorder: Recorder,
  { command }: WatchGathered,
  zero: { wallMs: number; monotonicMs: number },
): Promise<Notes> {
  const { records } = options;
  if (records === null || command === null) {
    const why = records === null ? 'no request data was named with --records' : 'the command was never started';
    return [{ what: 'requests', why }];
  }
  try {
    const { startMs, endMs } = command;
    const { notes, warnings } = await importRecords({
      importer: chooseImporter(options.importers, records.path, records.format),
      file: openResultFile(records.path),
      context: { wallZeroMs: zero.wallMs, monotonicZeroMs: zero.monotonicMs, startMs, endMs },
      stage: loadStage,
      onRecord: (record) => recorder.request(record),
    });
    for (const text of warnings) {
      options.onWarning(text);
    }
    return notes;
  } catch (error: unknown) {
    const hint = error instanceof BenchError && error.hint !== null ? ` ${error.hint}` : '';
    options.onWarning(
      `${messageOf(error)}${hint} The file ${records.path} is left as it is; the sealed run takes none of it later`,
    );
    const taken = recorder.recorded === 0 ? '' : ` after ${recorder.recorded} requests`;
    return [{ what: recordsUnusable, why: `${records.path} could not be read${taken}: ${messageOf(error)}${hint}` }];
  }
}

/**
 * folder + manifest (running) -> before, command, after -> request data, Prometheus -> manifest (closed) -> seal
 * -> analyze -> result.json
 */
export async function watch(options: WatchOptions): Promise<Watched> {
  const { records } = options;
  if (records !== null && records.format !== null) {
    // A format that is not known would be found out only when the load is over.
    chooseImporter(options.importers, records.path, records.format);
  }
  await options.preflight();
  const commit = await readCommit(options.packageRoot);
  const startedAt = new Date();
  const clock = monotonicClock();
  const zero = { wallMs: startedAt.getTime(), monotonicMs: Number(clock.epochNs) / 1e6 };
  const runId = options.runId ?? createRunId(startedAt, 'watch', commit);
  const folder = createRunFolder(options.outFolder, runId);
  const secrets = new KnownSecrets(options.argv, [options.agent?.token ?? null]);
  let manifest = firstManifest(options, runId, startedAt, commit);
  writeManifest(folder, manifest);
  let gathered: WatchGathered;
  try {
    const host = await readHostFacts();
    manifest = { ...manifest, host: host.facts, hostClass: host.hostClass, comparability: host.comparability };
    writeManifest(folder, manifest);
    const lost: Error[] = [];
    const recorder = new Recorder(folder, [], (failure) => lost.push(failure));
    const clientProbes = await options.openClientProbes();
    const cpuBefore = process.cpuUsage();
    gathered = await gatherWatched({
      profile: manifest.profile,
      clock,
      recorder,
      recordingFailure: () => lost[0] ?? null,
      runId,
      clientProbes,
      guardRatio: options.guardRatio,
      guardStops: options.guardStops,
      hasTerminal: options.hasTerminal,
      signal: options.signal,
      startCommand: () => startCommand(options.command),
      startSampler: samplerStarter(
        { script: options.samplerScript, agent: options.agent, clock },
        {
          observe: options.observe,
          address: addressText({ ...options.address, deviceMonitor: null }),
          intervalMs: options.sampleIntervalMs,
          skipProbes: options.skipProbes,
        },
      ),
      onSampler(sampler) {
        manifest = {
          ...manifest,
          target: { ...manifest.target, observed: sampler.description },
          notObserved: sampler.notObserved,
        };
        writeManifest(folder, manifest);
        options.onStart(folder, sampler.description);
      },
      onWarning: options.onWarning,
    });
    const cpu = process.cpuUsage(cpuBefore);
    const notes = [
      ...(await importRequests(options, recorder, gathered, zero)),
      ...(await importMemory(options.observe, recorder, { wallZeroMs: zero.wallMs, endMs: gathered.endMs })),
    ];
    recorder.event(gathered.endMs, 'run_end', '', runId, gathered.exitCause ?? '');
    recorder.close();
    manifest = closedManifest(manifest, gathered, recorder.recorded, (cpu.user + cpu.system) / 1e6);
    manifest = secrets.hideTold({ ...manifest, notObserved: [...manifest.notObserved, ...notes] });
  } catch (error: unknown) {
    closeFailed(folder, manifest, secrets.hide(String(error)));
    throw error;
  }
  writeManifest(folder, manifest);
  writeResolvedProfile(folder, toYaml(manifest.profile));
  const result = await conclude(folder, options.detectors, options);
  return { folder, result, command: gathered.command, guardStopped: gathered.status === 'stopped' };
}
