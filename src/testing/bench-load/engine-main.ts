// Runs one engine as its argument says and writes what came of it as JSON.
import { findById } from '../../base/by-id.ts';
import { monotonicClock } from '../../base/clock.ts';
import { BenchError } from '../../base/errors.ts';
import { quantile } from '../../base/statistics.ts';
import { engines } from '../../engines/index.ts';
import type { CallAdapter } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { PlanRow, StageRows } from '../../model/plan.ts';
import { Recorder } from '../../phases/gather/recorder.ts';
import { createRunFolder } from '../../store/run-folder.ts';
import { anyOptions, rawAdapter, streamedItem } from '../contract-rows.ts';
import type { EngineJob, EngineReport } from './engine-job.ts';
import { RecordSums } from './record-sums.ts';

const timeoutMs = 30_000;
/** A process that is started for the stage begins late, and so ends late. */
const graceMs = 20_000;

/** The sink joins what it saw by this header. */
const adapter: CallAdapter = {
  ...rawAdapter,
  request: (item) => ({
    method: 'POST',
    path: '/raw',
    headers: { 'x-item': item.id },
    segments: [{ item }],
  }),
};

const job = JSON.parse(process.argv[2] ?? '{}') as EngineJob;

const smallBody = Buffer.alloc(64 * 1024, 'x');

/** A small one is at hand, as with the tools that it is compared with. */
function itemOf(id: string, bytes: number): CorpusItem {
  const item = streamedItem(id, bytes);
  return bytes > smallBody.length
    ? item
    : { ...item, chunks: ({ start, end } = { start: 0, end: bytes }) => [smallBody.subarray(start, end)] };
}

function rowOf(seq: number, item: CorpusItem, place: Pick<PlanRow, 'plannedMs' | 'slot'>): PlanRow {
  return { seq, stage: 'bench', item, timeoutMs, client: null, ...place };
}

function rowsOf({ load, bytes, durationMs }: EngineJob): StageRows {
  if ('ratePerSecond' in load) {
    const gapMs = 1000 / load.ratePerSecond;
    const rows = Array.from({ length: Math.floor(durationMs / gapMs) }, (_, n) =>
      rowOf(n, itemOf(`item-${n}`, bytes), { plannedMs: n * gapMs, slot: null }),
    );
    return { model: 'open', maxInFlight: load.maxInFlight, rows };
  }
  const { slots, distinct } = load;
  const items = Array.from({ length: distinct ? slots : 1 }, (_, n) => itemOf(`item-${n}`, bytes));
  const first = itemOf('item-0', bytes);
  return {
    model: 'closed',
    slots,
    thinkMs: 0,
    window: () => ({ fromMs: 0, toMs: durationMs }),
    draw: (slot, turn) => rowOf(turn * slots + slot, items[slot % items.length] ?? first, { plannedMs: null, slot }),
  };
}

async function report(): Promise<EngineReport> {
  const sums = new RecordSums();
  // As in a run: what an engine can do while nothing is written would be no figure of ours.
  const recorder = new Recorder(createRunFolder(job.folder, `${job.engine}-${process.pid}`), []);
  const clock = monotonicClock(BigInt(job.epochNs));
  const session = findById('engine', engines, job.engine).open({
    url: new URL(job.url),
    adapter,
    adapterOptions: anyOptions,
    headers: {},
    clock,
    tlsAuthorities: null,
    folder: job.folder,
    onRecord(record) {
      recorder.request(record);
      sums.add(record);
    },
  });
  const startCpu = process.cpuUsage();
  const startMs = clock.nowMs() + 20;
  await session.runStage(rowsOf(job), startMs, startMs + job.durationMs);
  const untilMs = clock.nowMs() + graceMs;
  while (session.inFlight() > 0 && clock.nowMs() < untilMs) {
    await clock.sleepUntil(clock.nowMs() + 5);
  }
  const { user, system } = process.cpuUsage(startCpu);
  const cpuSeconds = session.ownCost() === null ? (user + system) / 1e6 : null;
  await session.close();
  recorder.close();
  const latenessMs = session.latenessMs();
  return {
    ...sums.told(),
    latenessP50Ms: quantile(latenessMs, 0.5),
    latenessP99Ms: quantile(latenessMs, 0.99),
    cpuSeconds,
  };
}

try {
  process.stdout.write(JSON.stringify(await report()));
} catch (error: unknown) {
  if (!(error instanceof BenchError)) {
    throw error;
  }
  process.stdout.write(error.message);
  process.exitCode = error.exitCode;
}
