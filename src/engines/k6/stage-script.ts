import { BenchError } from '../../base/errors.ts';
import type { AdapterOptions, CallAdapter } from '../../model/adapter.ts';
import type { ClosedRows, PlanRow, StageRows } from '../../model/plan.ts';
import { type Bodies, placeBodies } from './bodies.ts';
import { type DrawnRows, drawRows } from './closed-rows.ts';
import { estimatedBytes, overCap } from './memory.ts';
import { durationText, leastDurationMs, openScenario, type ScenarioOptions, type Timing } from './scenario.ts';
import { rowBytes, type ScriptStage } from './script.ts';

/** One stage, ready to be written down for k6. */
export interface StageDraft {
  stage: ScriptStage;
  rows: readonly PlanRow[];
  isOpen: boolean;
  leadMs: number;
  vus: number;
}

/** What a stage is beside its rows. */
export interface StageFrame {
  key: string;
  startMs: number;
  durationMs: number;
}

/** k6 cuts what is open after this; a request ends by its own timeout before. */
const graceMs = 1000;

function timingOf(rows: readonly PlanRow[], startMs: number): Timing {
  const timeoutMs = rows[0]?.timeoutMs ?? 0;
  return { startTime: durationText(startMs), gracefulStop: durationText(timeoutMs + graceMs) };
}

function closedOptions(rows: ClosedRows, drawn: DrawnRows, timing: Timing, durationMs: number): ScenarioOptions {
  const vus = rows.slots;
  const lasting = durationText(Math.max(leastDurationMs, durationMs));
  if (drawn.take === 'counter') {
    return {
      executor: 'shared-iterations',
      ...timing,
      vus: Math.min(vus, drawn.rows.length),
      iterations: drawn.rows.length,
      maxDuration: lasting,
    };
  }
  return drawn.isCounted
    ? { executor: 'per-vu-iterations', ...timing, vus, iterations: drawn.rowsPerSlot, maxDuration: lasting }
    : { executor: 'constant-vus', ...timing, vus, duration: lasting };
}

/** null where k6's own duration says the same. */
function windowsOf(rows: ClosedRows, durationMs: number): [number, number][] | null {
  const windows = Array.from({ length: rows.slots }, (_, slot): [number, number] => {
    const { fromMs, toMs } = rows.window(slot);
    return [fromMs, Math.min(durationMs, toMs)];
  });
  const isPlain = windows.every(([fromMs, toMs]) => fromMs <= 0 && toMs >= durationMs);
  return isPlain && durationMs >= leastDurationMs ? null : windows;
}

/** Rows as a scenario of k6. Throws ENGINE_CANNOT_KEEP_PLAN for arrivals that k6 does not make. */
export function draftStage(rows: StageRows, { key, startMs, durationMs }: StageFrame): StageDraft {
  if (rows.model === 'open') {
    const { options, leadMs } = openScenario(rows, timingOf(rows.rows, startMs));
    const stage = frameOf({ key, rows: rows.rows, options, isClosed: false });
    return { stage, rows: rows.rows, isOpen: true, leadMs, vus: options.maxVUs };
  }
  const drawn = drawRows(rows, durationMs);
  const options = closedOptions(rows, drawn, timingOf(drawn.rows, startMs), durationMs);
  const stage: ScriptStage = {
    ...frameOf({ key, rows: drawn.rows, options, isClosed: true }),
    thinkMs: rows.thinkMs,
    take: drawn.take,
    rowsPerSlot: drawn.take === 'slot' ? drawn.rowsPerSlot : 0,
    windows: windowsOf(rows, durationMs),
  };
  return { stage, rows: drawn.rows, isOpen: false, leadMs: 0, vus: rows.slots };
}

function frameOf(of: Pick<ScriptStage, 'key' | 'options' | 'isClosed'> & { rows: readonly PlanRow[] }): ScriptStage {
  return {
    key: of.key,
    options: of.options,
    isClosed: of.isClosed,
    timeoutMs: of.rows[0]?.timeoutMs ?? 0,
    thinkMs: 0,
    take: 'counter',
    rowsPerSlot: 0,
    windows: null,
    count: of.rows.length,
    rowsAt: 0,
  };
}

export interface PlacedStages {
  stages: readonly ScriptStage[];
  /** Of all stages one after the other, in front of the bodies. */
  rowTable: Uint8Array;
  bodies: Bodies;
  /** What k6 is told to keep to. */
  memoryBytes: number;
}

/** Gives every row its body; each of `runners` processes has its part of the VUs and all bodies. Throws ENGINE_CANNOT_KEEP_PLAN, with the number, if k6 would hold too much. */
export function placeStages(
  drafts: readonly StageDraft[],
  adapter: CallAdapter,
  options: AdapterOptions,
  runners = 1,
): PlacedStages {
  const items = drafts.flatMap(({ rows }) => rows.map(({ item }) => item));
  const tableBytes = items.length * rowBytes;
  const bodies = placeBodies(items, adapter, options, tableBytes);
  const vus = Math.ceil(drafts.reduce((most, draft) => Math.max(most, draft.vus), 0) / runners);
  const demand = { corpusBytes: bodies.bytes + tableBytes, largestBytes: bodies.largestBytes, vus };
  const why = overCap(demand);
  if (why !== null) {
    throw new BenchError('ENGINE_CANNOT_KEEP_PLAN', `The engine k6 cannot keep this plan: ${why}.`, {
      hint: 'Use --engine native, which streams bodies, or a smaller corpus.',
    });
  }
  const { stages, rowTable } = tableOf(drafts, bodies, tableBytes);
  return { stages, rowTable, bodies, memoryBytes: estimatedBytes(demand) };
}

function tableOf(
  drafts: readonly StageDraft[],
  bodies: Bodies,
  tableBytes: number,
): Pick<PlacedStages, 'stages' | 'rowTable'> {
  const rowTable = Buffer.alloc(tableBytes);
  let at = 0;
  const stages = drafts.map(({ stage, rows }): ScriptStage => {
    const rowsAt = at;
    for (const { seq, item } of rows) {
      at = rowTable.writeUInt32LE(seq, at);
      at = rowTable.writeUInt32LE(bodies.indexOf.get(item.id) ?? 0, at);
    }
    return { ...stage, count: rows.length, rowsAt };
  });
  return { stages, rowTable };
}
