import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { BenchError } from '../../base/errors.ts';
import { type JoinContext, StageJoin } from '../../engines/k6/join.ts';
import { type K6Sample, parseSample } from '../../engines/k6/samples.ts';
import { placeShared, type SharedStage, sharePlan } from '../../engines/k6/shared-plan.ts';
import type { Adapter } from '../../model/adapter.ts';
import type { RunEvent } from '../../model/artifacts.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Plan } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { measurementVersion, schemaVersion } from '../../model/result.ts';
import { shippedProtocol } from '../shipped-protocol.ts';
import { foreignPlan, type Gathering, type Part } from './merge-parts.ts';
import type { SharedPlanFile } from './scale-out.ts';

const recordsName = /\.(nd)?json(\.gz)?$/;

/** Files of k6's JSON lines in a folder, or in its `results`. */
export function recordFiles(folder: string): readonly string[] {
  const results = join(folder, 'results');
  const place = existsSync(results) ? results : folder;
  return readdirSync(place)
    .filter(
      (name) =>
        recordsName.test(name) && !['plan.json', 'script-data.json', 'manifest.json', 'result.json'].includes(name),
    )
    .sort()
    .map((name) => join(place, name));
}

async function eachSample(path: string, onSample: (sample: K6Sample) => 'go on' | 'enough'): Promise<void> {
  const raw = createReadStream(path);
  const text = path.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  const lines = createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      const sample = parseSample(line);
      if (sample !== null && onSample(sample) === 'enough') {
        break;
      }
    }
  } catch (error: unknown) {
    // A runner that was killed leaves a packed file without its end; what came before it is whole.
    if (!(error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR')) {
      throw error;
    }
  } finally {
    lines.close();
    raw.destroy();
  }
}

/** Where a runner's part begins, and when its first stage began on its wall clock; null for a file without a request. */
interface Opening {
  first: number;
  zeroWallMs: number;
}

async function openingOf(path: string, file: SharedPlanFile, stages: readonly SharedStage[]): Promise<Opening | null> {
  let opening: Opening | null = null;
  await eachSample(path, (sample) => {
    if (sample.planHash !== file.planHash) {
      throw foreignPlan(path, sample.planHash, file.planHash);
    }
    if (sample.kind !== 'begun') {
      return 'go on';
    }
    const stage = stages.find(({ draft }) => draft?.stage.key === sample.at.stageKey);
    const zeroWallMs = sample.at.zeroWallMs - (stage?.startMs ?? 0);
    opening = { first: sample.at.n % file.runners, zeroWallMs };
    return 'enough';
  });
  return opening;
}

/** Samples of one file -> a join for each of its stages -> records. */
async function readPart(
  path: string,
  opening: Opening,
  stages: readonly SharedStage[],
  file: SharedPlanFile,
  context: Omit<JoinContext, 'onRecord' | 'onStart'>,
): Promise<Part> {
  const records: RequestRecord[] = [];
  const joins = new Map<string, StageJoin>();
  for (const { draft } of stages) {
    if (draft !== null) {
      const { isOpen, leadMs, rows } = draft;
      const { key } = draft.stage;
      const joined = { key, isOpen, rows, leadMs, stride: file.runners, first: opening.first };
      const onRecord = (record: RequestRecord): void => void records.push(record);
      joins.set(key, new StageJoin(joined, { ...context, onRecord, onStart: () => undefined }));
    }
  }
  const keyOfSeq = new Map<number, string>();
  // Drops are told apart by their times, so that all of them are known first.
  const others: K6Sample[] = [];
  let lastWallMs = opening.zeroWallMs;
  await eachSample(path, (sample) => {
    lastWallMs = Math.max(lastWallMs, sample.wallMs);
    if (sample.kind === 'dropped') {
      joins.get(sample.stageKey ?? '')?.take([sample]);
    } else {
      if (sample.kind === 'begun') {
        keyOfSeq.set(sample.seq, sample.at.stageKey);
      }
      others.push(sample);
    }
    return 'go on';
  });
  for (const sample of others) {
    const key = sample.kind === 'dropped' ? null : keyOfSeq.get(sample.seq);
    joins.get(key ?? '')?.take([sample]);
  }
  for (const join of joins.values()) {
    join.finish('unknown', context.toRunMs(lastWallMs));
  }
  return { name: path, records };
}

function manifestOf(
  file: SharedPlanFile,
  plan: Plan,
  epochWallMs: number,
  runnersSeen: number,
  facts: CorpusFacts,
): Manifest {
  return {
    schemaVersion,
    runId: '',
    status: 'completed',
    exitCause: null,
    startedAt: new Date(epochWallMs).toISOString(),
    endedAt: null,
    tool: { name: 'headroom', version: file.toolVersion, commit: null },
    measurementVersion,
    protocol: shippedProtocol(),
    session: { id: '', repeat: 1, of: 1, purpose: 'manual' },
    subject: { version: null, commit: null, image: null },
    node: process.version,
    argv: [],
    pid: process.pid,
    profile: file.profile,
    profileHash: file.profileHash,
    planHash: plan.hash,
    corpus: { ...file.corpus, ...facts },
    engine: { id: 'k6', version: '', why: `scaled out: ${runnersSeen} of ${file.runners} runners left records` },
    adapter: file.adapter,
    target: {
      kind: 'url',
      url: file.targetUrl,
      exec: null,
      fault: null,
      fixes: [],
      device: { kind: null, why: null },
      observed: '',
      memoryLimit: null,
    },
    guardRatio: null,
    host: {},
    hostClass: '',
    comparability: { must: {}, warn: {} },
    notObserved: [{ what: 'the runners', why: 'k6 processes of their own, on other machines' }],
    measured: null,
  };
}

export interface CorpusFacts {
  content: string;
  items: number;
  meanAudioSeconds: number | null;
}

export interface K6Parts {
  folder: string;
  /** More folders with records of the same plan. */
  recordFolders: readonly string[];
  file: SharedPlanFile;
  plan: Plan;
  adapter: Adapter;
  corpus: CorpusFacts;
}

/** Throws USAGE for records of another plan, RESULT_UNREADABLE where there are none. */
export async function gatherK6(parts: K6Parts): Promise<Gathering> {
  const { file, plan, adapter } = parts;
  if (adapter.kind !== 'call') {
    throw new TypeError(`k6 cannot serve ${adapter.id}`);
  }
  const stages = sharePlan(plan, file.runners);
  const { bodies } = placeShared(stages, adapter, file.adapterOptions, file.runners);
  const paths = [parts.folder, ...parts.recordFolders].flatMap(recordFiles);
  const opened: { path: string; opening: Opening }[] = [];
  for (const path of paths) {
    const opening = await openingOf(path, file, stages);
    if (opening !== null) {
      opened.push({ path, opening });
    }
  }
  if (opened.length === 0) {
    throw new BenchError('RESULT_UNREADABLE', `${parts.folder} holds no records of a runner.`, {
      hint: 'Copy the files of the runners into its folder results.',
    });
  }
  const epochWallMs = opened.reduce(
    (least, { opening }) => Math.min(least, opening.zeroWallMs),
    Number.POSITIVE_INFINITY,
  );
  const context = {
    judge: { adapter, options: file.adapterOptions },
    toRunMs: (wallMs: number) => wallMs - epochWallMs,
    bodyBytesOf: (row: { item: { id: string } }) => bodies.places[bodies.indexOf.get(row.item.id) ?? -1]?.length ?? 0,
  };
  const gathered: Part[] = [];
  for (const { path, opening } of opened) {
    gathered.push(await readPart(path, opening, stages, file, context));
  }
  return {
    manifest: manifestOf(file, plan, epochWallMs, opened.length, parts.corpus),
    plan,
    parts: gathered.map(({ name, records }) => ({ name: basename(name), records })),
    events: stageEvents(stages),
    sampled: [],
  };
}

function stageEvents(stages: readonly SharedStage[]): RunEvent[] {
  const events = stages.flatMap(({ name, startMs, durationMs }): RunEvent[] => [
    { tMs: startMs, kind: 'stage_start', stage: name, subject: name, detail: '' },
    { tMs: startMs + durationMs, kind: 'stage_end', stage: name, subject: name, detail: '' },
  ]);
  return [{ tMs: 0, kind: 'run_start', stage: '', subject: 'merged', detail: '' }, ...events];
}
