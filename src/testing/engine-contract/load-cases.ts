import { expect } from 'vitest';
import { median } from '../../base/statistics.ts';
import type { ClosedRows } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { closedRows, count, every, openRows, serviceMs } from '../contract-rows.ts';
import type { ContractCase } from './contract-case.ts';

function startsOf(records: readonly RequestRecord[]): number[] {
  return records.map((record) => record.startMs ?? Number.NaN);
}

/** The median over the time in which as many end as begin; a busy machine may hold all of them up for a moment. */
function usuallyInFlight(records: readonly RequestRecord[]): number {
  const zeroMs = Math.min(...startsOf(records));
  const counts = every(10, 60).map((afterMs) => {
    const atMs = zeroMs + 350 + afterMs;
    return records.filter(({ startMs, endMs }) => (startMs ?? 0) <= atMs && (endMs ?? 0) > atMs).length;
  });
  return median(counts) ?? Number.NaN;
}

/** Slots that take the next of 12 rows as they are free. */
function sharedRows(): ClosedRows {
  const plain = closedRows(3, 0);
  let drawn = 0;
  return {
    ...plain,
    draw(slot) {
      const row = drawn < 12 ? plain.draw(slot, 0) : null;
      return row === null ? null : { ...row, seq: drawn++ };
    },
  };
}

function rowsPerSlot(most: number): ClosedRows {
  const plain = closedRows(3, 0);
  return { ...plain, draw: (slot, turn) => (turn < most ? plain.draw(slot, turn) : null) };
}

/** Times between slots of a ramp, ms. */
const rampStepMs = 250;

/** A tenth of the time of 10 requests per second that take 3 s each. */
const fixedRate: ContractCase = {
  id: 'fixed-rate',
  runsAlone: true,
  title: 'keeps a fixed rate against a slow server, with the requests in flight that the rate demands',
  rows: () => openRows(every(10, 100), { maxInFlight: 60 }),
  durationMs: 1000,
  graceMs: 2000,
  run: async (trial) => {
    const { records, session } = await trial.against(() => ({ do: 'answer', delayMs: 300 }));
    expect(count(records, 'ok')).toBe(100);
    expect(usuallyInFlight(records)).toBeGreaterThanOrEqual(28);
    expect(usuallyInFlight(records)).toBeLessThanOrEqual(36);
    const starts = startsOf(records);
    expect(Math.abs((starts.at(-1) ?? 0) - (starts[0] ?? 0) - 990)).toBeLessThan(60);
    for (const record of records) {
      const { startMs, plannedMs, bodySentMs, firstByteMs, firstContentMs, endMs } = record;
      const stamps = [plannedMs, startMs, bodySentMs, firstByteMs, firstContentMs, endMs];
      expect(stamps).toEqual(stamps.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
      expect(record).toMatchObject({ bytesOut: 1000, bytesIn: 15, status: 200, errorCode: null, attempt: 1 });
      expect(serviceMs(record)).toBeGreaterThanOrEqual(299);
    }
    expect(session.latenessMs()).toHaveLength(100);
    expect(Math.min(...session.latenessMs())).toBeGreaterThanOrEqual(0);
  },
};

const maxInFlight: ContractCase = {
  id: 'max-in-flight',
  title: 'drops a row when too many are in flight, and sends none of them late',
  rows: () => openRows(every(20, 50), { maxInFlight: 5 }),
  durationMs: 1000,
  graceMs: 2000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer', delayMs: 300 }));
    const dropped = records.filter((record) => record.outcome === 'dropped');
    expect(dropped.length).toBeGreaterThan(25);
    expect(dropped.every((record) => record.errorCode === 'max_in_flight' && record.startMs === null)).toBe(true);
    expect(count(records, 'ok')).toBe(50 - dropped.length);
    expect(sink.maxInFlight()).toBe(5);
  },
};

const openAtEnd: ContractCase = {
  id: 'open-at-end',
  title: 'records what is open at the end with its age',
  rows: () => openRows(every(50, 10)),
  durationMs: 500,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'answer', delayMs: 5000 }));
    expect(count(records, 'in_flight_at_end')).toBe(10);
    const ages = records.map(serviceMs);
    expect(ages).toEqual(ages.toSorted((a, b) => b - a));
    expect((ages[0] ?? 0) - (ages[9] ?? 0)).toBeGreaterThan(300);
    expect((ages[0] ?? 0) - (ages[9] ?? 0)).toBeLessThan(600);
  },
};

const stop: ContractCase = {
  id: 'stop',
  title: 'records unsent rows as dropped when the run stops, and lets open requests go on',
  rows: () => openRows(every(50, 20)),
  durationMs: 60_000,
  graceMs: 2000,
  run: async (trial) => {
    const { records, clock, startMs } = await trial.against(() => ({ do: 'answer', delayMs: 200 }), {
      async beside({ sink, clock, session }) {
        await sink.firstArrival;
        await clock.sleepUntil(clock.nowMs() + 250);
        session.stop();
      },
    });
    expect(clock.nowMs() - startMs).toBeLessThan(4000);
    expect(count(records, 'ok') + count(records, 'dropped')).toBe(20);
    expect(count(records, 'ok')).toBeGreaterThanOrEqual(4);
    expect(records.at(-1)).toMatchObject({ outcome: 'dropped', errorCode: 'run_stopped', endMs: null });
  },
};

const halfHertz: ContractCase = {
  id: 'half-hertz',
  runsAlone: true,
  title: 'keeps a rate of two per second to 20 ms at the median',
  rows: () => openRows(every(500, 4)),
  durationMs: 1600,
  graceMs: 500,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'answer' }));
    const starts = startsOf(records);
    const gaps = starts.slice(1).map((startMs, index) => startMs - (starts[index] ?? Number.NaN));
    // A busy machine may hold up one of them, and then makes two gaps wrong that cancel out.
    expect(Math.abs((median(gaps) ?? Number.NaN) - 500)).toBeLessThan(20);
    expect(Math.abs((starts.at(-1) ?? 0) - (starts[0] ?? 0) - 1500)).toBeLessThan(100);
  },
};

const burst: ContractCase = {
  id: 'burst',
  runsAlone: true,
  title: 'sends a burst at once',
  rows: () => openRows(Array<number>(64).fill(20)),
  load: { executor: 'burst', size: 64, repeats: 1, everyMs: 1000, maxInFlight: 1000 },
  durationMs: 100,
  graceMs: 2000,
  run: async (trial) => {
    const { records, session } = await trial.against(() => ({ do: 'answer', delayMs: 100 }));
    expect(count(records, 'ok')).toBe(64);
    const starts = startsOf(records);
    expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(200);
    expect(Math.min(...session.latenessMs())).toBeGreaterThanOrEqual(0);
  },
};

const constantVus: ContractCase = {
  id: 'constant-vus',
  title: 'keeps one request per slot in a closed stage and thinks between them',
  rows: () => closedRows(4, 50),
  durationMs: 1000,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer', delayMs: 100 }));
    expect(sink.maxInFlight()).toBe(4);
    expect(records.length).toBeGreaterThanOrEqual(4 * 5);
    expect(records.length).toBeLessThanOrEqual(4 * 7);
    expect(count(records, 'ok')).toBe(records.length);
    const ofSlot = records.filter((record) => record.slot === 2);
    for (const [index, record] of ofSlot.slice(1).entries()) {
      expect(record.plannedMs - (ofSlot[index]?.endMs ?? 0)).toBeGreaterThanOrEqual(49);
    }
  },
};

const rampingVus: ContractCase = {
  id: 'ramping-vus',
  title: 'opens the slots of a rising ramp one after the other',
  rows: () => closedRows(4, 0, { window: (slot) => ({ fromMs: slot * rampStepMs, toMs: 1000 }) }),
  load: { executor: 'ramping-vus', fromVus: 0, toVus: 4, thinkMs: 0 },
  durationMs: 1000,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer', delayMs: 40 }));
    expect(count(records, 'ok')).toBe(records.length);
    expect(sink.maxInFlight()).toBe(4);
    // From each slot's first start back to when the ramp began: no two may be far apart, however late one was.
    const beganMs = [0, 1, 2, 3].map((slot) => {
      const ofSlot = records.filter((record) => record.slot === slot);
      return Math.min(...startsOf(ofSlot)) - slot * rampStepMs;
    });
    expect(Math.max(...beganMs) - Math.min(...beganMs)).toBeLessThan(rampStepMs - 10);
  },
};

const fallingVus: ContractCase = {
  id: 'falling-vus',
  title: 'closes the slots of a falling ramp one after the other',
  rows: () => closedRows(4, 0, { window: (slot) => ({ fromMs: 0, toMs: 1000 - slot * rampStepMs }) }),
  load: { executor: 'ramping-vus', fromVus: 4, toVus: 0, thinkMs: 0 },
  durationMs: 1000,
  graceMs: 1000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'answer', delayMs: 40 }));
    expect(count(records, 'ok')).toBe(records.length);
    const zeroMs = Math.min(...startsOf(records));
    for (let slot = 0; slot < 4; slot += 1) {
      const lastMs = Math.max(...startsOf(records.filter((record) => record.slot === slot))) - zeroMs;
      expect(lastMs).toBeLessThanOrEqual(1000 - slot * rampStepMs + 10);
      expect(lastMs).toBeGreaterThan(1000 - slot * rampStepMs - 300);
    }
  },
};

const sharedIterations: ContractCase = {
  id: 'shared-iterations',
  title: 'sends a number of requests that its slots share, each once',
  rows: sharedRows,
  load: { executor: 'shared-iterations', vus: 3, iterations: 12, thinkMs: 0 },
  durationMs: 800,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against((index) => ({ do: 'answer', delayMs: index === 0 ? 250 : 50 }));
    expect(records.map((record) => record.seq)).toEqual(Array.from({ length: 12 }, (_, seq) => seq));
    expect(count(records, 'ok')).toBe(12);
    expect(sink.arrivalsMs).toHaveLength(12);
    expect(sink.maxInFlight()).toBe(3);
    const perSlot = [0, 1, 2].map((slot) => records.filter((record) => record.slot === slot).length);
    expect(Math.min(...perSlot)).toBeLessThan(4);
  },
};

const perVuIterations: ContractCase = {
  id: 'per-vu-iterations',
  title: 'sends the same number of requests from each slot, however slow one is',
  rows: () => rowsPerSlot(4),
  load: { executor: 'per-vu-iterations', vus: 3, iterations: 4, thinkMs: 0 },
  durationMs: 800,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against((index) => ({ do: 'answer', delayMs: index === 0 ? 250 : 50 }));
    expect(count(records, 'ok')).toBe(12);
    expect(sink.arrivalsMs).toHaveLength(12);
    for (const slot of [0, 1, 2]) {
      expect(records.filter((record) => record.slot === slot)).toHaveLength(4);
    }
  },
};

export const loadCases: readonly ContractCase[] = [
  fixedRate,
  maxInFlight,
  openAtEnd,
  stop,
  halfHertz,
  burst,
  constantVus,
  rampingVus,
  fallingVus,
  sharedIterations,
  perVuIterations,
];
