// Runs one engine as its argument says and writes what came of it as JSON.
import { findById } from '../../base/by-id.ts';
import { monotonicClock } from '../../base/clock.ts';
import { BenchError } from '../../base/errors.ts';
import { quantile } from '../../base/statistics.ts';
import { engines } from '../../engines/index.ts';
import type { CallAdapter } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { PlanRow, StageRows } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, rawAdapter, streamedItem } from '../contract-rows.ts';
import type { EngineJob, EngineReport } from './engine-job.ts';

const mostSpells = 5000;
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

function rowOf(seq: number, item: CorpusItem, place: Pick<PlanRow, 'plannedMs' | 'slot'>): PlanRow {
  return { seq, stage: 'bench', item, timeoutMs, client: null, ...place };
}

function rowsOf({ load, bytes, durationMs }: EngineJob): StageRows {
  if ('ratePerSecond' in load) {
    const gapMs = 1000 / load.ratePerSecond;
    const rows = Array.from({ length: Math.floor(durationMs / gapMs) }, (_, n) =>
      rowOf(n, streamedItem(`item-${n}`, bytes), { plannedMs: n * gapMs, slot: null }),
    );
    return { model: 'open', maxInFlight: load.maxInFlight, rows };
  }
  const { slots, distinct } = load;
  const items = Array.from({ length: distinct ? slots : 1 }, (_, n) => streamedItem(`item-${n}`, bytes));
  const first = streamedItem('item-0', bytes);
  return {
    model: 'closed',
    slots,
    thinkMs: 0,
    window: () => ({ fromMs: 0, toMs: durationMs }),
    draw: (slot, turn) => rowOf(turn * slots + slot, items[slot % items.length] ?? first, { plannedMs: null, slot }),
  };
}

function reportOf(records: readonly RequestRecord[], latenessMs: readonly number[]): Omit<EngineReport, 'cpuSeconds'> {
  const failures: Record<string, number> = {};
  for (const { outcome, errorCode } of records.filter((record) => record.outcome !== 'ok')) {
    const name = errorCode === null ? outcome : `${outcome} ${errorCode}`;
    failures[name] = (failures[name] ?? 0) + 1;
  }
  const ok = records.filter((record) => record.outcome === 'ok');
  const spells = ok.map(({ itemId, startMs, endMs }) => ({ id: itemId, startMs: startMs ?? 0, endMs: endMs ?? 0 }));
  const startMs = spells.reduce((least, spell) => Math.min(least, spell.startMs), Number.POSITIVE_INFINITY);
  const endMs = spells.reduce((most, spell) => Math.max(most, spell.endMs), 0);
  return {
    ok: ok.length,
    records: records.length,
    spanMs: Math.max(0, endMs - startMs),
    bytesOut: records.reduce((sum, record) => sum + (record.bytesOut ?? 0), 0),
    latenessP50Ms: quantile(latenessMs, 0.5),
    latenessP99Ms: quantile(latenessMs, 0.99),
    spells: spells.slice(0, mostSpells),
    failures,
  };
}

async function report(): Promise<EngineReport> {
  const records: RequestRecord[] = [];
  const clock = monotonicClock(BigInt(job.epochNs));
  const session = findById('engine', engines, job.engine).open({
    url: new URL(job.url),
    adapter,
    adapterOptions: anyOptions,
    headers: {},
    clock,
    tlsAuthorities: null,
    folder: job.folder,
    onRecord: (record) => records.push(record),
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
  return { ...reportOf(records, session.latenessMs()), cpuSeconds };
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
