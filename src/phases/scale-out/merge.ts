import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { findById } from '../../base/by-id.ts';
import { BenchError } from '../../base/errors.ts';
import type { Corpus } from '../../model/corpus.ts';
import type { Detector } from '../../model/detector.ts';
import { type Manifest, recipeOf } from '../../model/manifest.ts';
import { toYaml } from '../../model/parse-profile.ts';
import type { Plan } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { RunResult } from '../../model/result.ts';
import { CsvAppender } from '../../store/append-csv.ts';
import { eventColumns, eventRow, requestColumns, requestRow, sampleColumns } from '../../store/columns.ts';
import { readRun } from '../../store/read-run.ts';
import { readTable } from '../../store/read-table.ts';
import {
  createRunFolder,
  findRunFolder,
  type RunFolder,
  runFolderAt,
  writeManifest,
  writeResolvedProfile,
} from '../../store/run-folder.ts';
import { conclude } from '../analyze/conclude.ts';
import { openCorpus } from '../corpus/open-corpus.ts';
import { compilePlan } from '../plan/plan.ts';
import type { PlugIns } from '../plan/prepare.ts';
import { createRunId } from '../run-id.ts';
import { type CorpusFacts, gatherK6 } from './merge-k6.ts';
import { type Gathering, joinParts, missingRecords } from './merge-parts.ts';
import { addedMsOf, gatherRuns, isWatcher, type RunPart } from './merge-runs.ts';
import { type SharedPlanFile, sharedPlanName } from './scale-out.ts';

export interface MergeOptions {
  folders: readonly string[];
  outFolder: string;
  runId: string | null;
  argv: readonly string[];
  plugIns: PlugIns;
  readRecipe(name: string): { text: string; fileName: string };
  detectors: readonly Detector[];
}

type Shared = Pick<SharedPlanFile, 'profile' | 'planHash' | 'corpus'>;

/** The plan as it was; throws USAGE if profile or corpus have become others since. */
function planAgain(shared: Shared, options: MergeOptions): { plan: Plan; corpus: Corpus } {
  const { profile, planHash } = shared;
  const recipe = options.readRecipe(recipeOf(shared));
  const corpus = openCorpus(recipe.text, recipe.fileName, options.plugIns.generators);
  const plan = compilePlan({ profile, corpus, executors: options.plugIns.executors });
  if (plan.hash !== planHash) {
    throw new BenchError(
      'USAGE',
      `The corpus ${corpus.name} makes the plan ${plan.hash.slice(0, 12)} here, and the parts are of ${planHash.slice(0, 12)}.`,
      { hint: 'Merge with the recipe and the version of headroom that the plan was made with.' },
    );
  }
  return { plan, corpus };
}

function corpusFacts({ items }: Corpus): CorpusFacts {
  const audioSeconds = items.reduce((sum, item) => sum + (item.traits['audioSeconds'] ?? 0), 0);
  return {
    content: [...new Set(items.map((item) => item.content))].join(', '),
    items: items.length,
    meanAudioSeconds: audioSeconds > 0 ? audioSeconds / items.length : null,
  };
}

function readSharedPlan(folder: string): SharedPlanFile | null {
  const path = join(folder, sharedPlanName);
  if (!existsSync(path)) {
    return null;
  }
  const read = JSON.parse(readFileSync(path, 'utf8')) as Partial<SharedPlanFile>;
  return read.headroom === 'scale-out' ? (read as SharedPlanFile) : null;
}

async function readRunPart(path: string): Promise<RunPart> {
  return { path, run: await readRun(findRunFolder(path, '.')) };
}

/** Which of the folders is what: one shared plan with folders of k6's records, or folders of bench runs. */
async function gatherAll(options: MergeOptions): Promise<Gathering> {
  const paths = options.folders.map((folder) => resolve(folder));
  const shared = paths.map((path) => ({ path, file: readSharedPlan(path) })).filter(({ file }) => file !== null);
  const runPaths = paths.filter((path) => existsSync(join(path, 'manifest.json')));
  const runs = await Promise.all(runPaths.map(readRunPart));
  const [first, second] = shared;
  if (second !== undefined) {
    throw new BenchError('USAGE', `${second.path} is a second scaled-out plan.`, { hint: 'Merge one plan at a time.' });
  }
  if (first?.file != null) {
    return withWatchers(await gatherShared(first.path, first.file, paths, options), runs);
  }
  const stray = paths.find((path) => !runPaths.includes(path));
  if (stray !== undefined || runs.length === 0) {
    throw new BenchError('RESULT_UNREADABLE', `${stray ?? 'No folder'} is neither a run nor a scaled-out plan.`, {
      hint: 'Give folders with a manifest.json, or the folder of bench scale-out with its plan.json.',
    });
  }
  return gatherRuns(runs, ({ run }) => planAgain(run.manifest, options).plan);
}

async function gatherShared(
  folder: string,
  file: SharedPlanFile,
  paths: readonly string[],
  options: MergeOptions,
): Promise<Gathering> {
  const { plan, corpus } = planAgain(file, options);
  return await gatherK6({
    folder,
    recordFolders: paths.filter((path) => path !== folder && !existsSync(join(path, 'manifest.json'))),
    file,
    plan,
    adapter: findById('adapter', options.plugIns.adapters, file.adapter),
    corpus: corpusFacts(corpus),
  });
}

function withWatchers(gathering: Gathering, runs: readonly RunPart[]): Gathering {
  const sender = runs.find((part) => !isWatcher(part));
  if (sender !== undefined) {
    throw new BenchError('USAGE', `${sender.path} has sent requests of its own beside the runners.`, {
      hint: 'Only a run that plans no request may watch a scaled-out one.',
    });
  }
  const epochWallMs = Date.parse(gathering.manifest.startedAt);
  return {
    ...gathering,
    sampled: runs.slice(0, 1).map((part) => ({ path: part.path, addedMs: addedMsOf(part, epochWallMs) })),
  };
}

/** Times after the last event are kept: requests may outlive their stage. */
function endMsOf(records: readonly RequestRecord[], events: Gathering['events']): number {
  const ends = records.map(({ endMs, plannedMs }) => endMs ?? plannedMs);
  return [...ends, ...events.map(({ tMs }) => tMs)].reduce((latest, tMs) => Math.max(latest, tMs), 0);
}

function mergedManifest(
  gathering: Gathering,
  runId: string,
  options: MergeOptions,
  records: readonly RequestRecord[],
): Manifest {
  const { manifest, events, parts } = gathering;
  const endMs = endMsOf(records, events);
  const why = parts.length === 1 ? '1 part' : `${parts.length} parts`;
  return {
    ...manifest,
    runId,
    session: { ...manifest.session, id: runId },
    argv: options.argv,
    engine: { ...manifest.engine, why: `merged from ${why}; ${manifest.engine.why}` },
    endedAt: new Date(Date.parse(manifest.startedAt) + endMs).toISOString(),
    measured: {
      expectedSamples: null,
      missedSamples: null,
      samplerCostMs: null,
      samplerCpuSeconds: null,
      clock: null,
      cpuSeconds: null,
      ...manifest.measured,
      endMs,
      planned: records.length,
    },
  };
}

/** A row that a timer writes may fail where nobody could catch it; `close` throws it again. */
const toldByClose = (): void => undefined;

async function copySamples(gathering: Gathering, folder: RunFolder): Promise<void> {
  const samples = new CsvAppender(folder.samples, sampleColumns, toldByClose);
  for (const { path, addedMs } of gathering.sampled) {
    await readTable(runFolderAt(path).samples, sampleColumns, ([tMs, ...rest]) => {
      samples.append([Number(tMs) + addedMs, ...rest]);
    });
  }
  samples.close();
}

/** The manifest says that it is whole only when it is: until then it is one of a run that goes on. */
async function writeMerged(
  folder: RunFolder,
  gathering: Gathering,
  manifest: Manifest,
  records: readonly RequestRecord[],
): Promise<void> {
  writeManifest(folder, { ...manifest, status: 'running', pid: process.pid, endedAt: null, measured: null });
  writeResolvedProfile(folder, toYaml(gathering.manifest.profile));
  const requests = new CsvAppender(folder.requests, requestColumns, toldByClose);
  for (const record of records) {
    requests.append(requestRow(record));
  }
  requests.close();
  const events = new CsvAppender(folder.events, eventColumns, toldByClose);
  for (const event of [...gathering.events].sort((a, b) => a.tMs - b.tMs)) {
    events.append(eventRow(event));
  }
  events.close();
  await copySamples(gathering, folder);
  writeManifest(folder, manifest);
}

/**
 * folders -> parts on one clock -> joined by number -> what is missing is in_flight_at_end
 *         -> a run folder of its own -> seal -> analyze -> one verdict
 * Throws USAGE for a row that two parts have and for parts of different plans, RESULT_UNREADABLE for other folders.
 */
export async function merge(options: MergeOptions): Promise<{ folder: RunFolder; result: RunResult; missing: number }> {
  const gathering = await gatherAll(options);
  const joined = joinParts(gathering.parts);
  const startOf = new Map(
    gathering.events.filter(({ kind }) => kind === 'stage_start').map(({ stage, tMs }) => [stage, tMs] as const),
  );
  const missing = missingRecords(gathering.plan, joined, (name) => startOf.get(name) ?? null);
  const records = [...joined, ...missing].sort((a, b) => a.plannedMs - b.plannedMs || a.seq - b.seq);
  const name = `${gathering.manifest.profile.name}-merged`;
  const folder = createRunFolder(options.outFolder, options.runId ?? createRunId(new Date(), basename(name), null));
  try {
    await writeMerged(folder, gathering, mergedManifest(gathering, folder.runId, options, records), records);
    const result = await conclude(folder, options.detectors, { isAnonymized: false });
    return { folder, result, missing: missing.length };
  } catch (error: unknown) {
    // The parts are whole, and half of it would be taken for all of it.
    rmSync(folder.path, { recursive: true, force: true });
    throw error;
  }
}
