import { expect } from 'vitest';
import { closedRows, count, every, openRows } from '../contract-rows.ts';
import type { ContractCase, TrialOptions } from './contract-case.ts';

/** Counted from the first request, since an engine may take its time to begin. */
function lifeOf({
  diesAtMs,
  risesAtMs,
}: {
  diesAtMs: number;
  risesAtMs?: number;
}): NonNullable<TrialOptions['beside']> {
  return async ({ sink, clock }) => {
    await sink.firstArrival;
    const zeroMs = clock.nowMs();
    await clock.sleepUntil(zeroMs + diesAtMs);
    await sink.die();
    if (risesAtMs !== undefined) {
      await clock.sleepUntil(zeroMs + risesAtMs);
      await sink.rise();
    }
  };
}

/** A slot that finds no server tries at most ten times in a second; two more for its first and last. */
const triesOfSlot = 12;

const dies: ContractCase = {
  id: 'dies',
  title: 'tells a dying server from a dead one and tries no more often than planned',
  rows: () => openRows(every(50, 20)),
  durationMs: 1000,
  graceMs: 500,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'answer', delayMs: 300 }), {
      beside: lifeOf({ diesAtMs: 505 }),
    });
    expect(count(records, 'ok')).toBeGreaterThan(0);
    expect(count(records, 'reset') + count(records, 'closed_early')).toBeGreaterThanOrEqual(4);
    expect(count(records, 'refused')).toBeGreaterThanOrEqual(8);
    expect(records.at(-1)).toMatchObject({ outcome: 'refused', errorCode: 'econnrefused', status: null });
  },
};

const comesBack: ContractCase = {
  id: 'comes-back',
  title: 'finds a server that died and came back, and loses only the rows between',
  rows: () => openRows(every(40, 30)),
  durationMs: 1200,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer', delayMs: 20 }), {
      beside: lifeOf({ diesAtMs: 300, risesAtMs: 800 }),
    });
    const isOk = records.map((record) => record.outcome === 'ok');
    expect(isOk.slice(0, 6)).toEqual(Array(6).fill(true));
    expect(isOk.slice(-8)).toEqual(Array(8).fill(true));
    expect(count(records, 'refused')).toBeGreaterThanOrEqual(8);
    expect(count(records, 'ok') + count(records, 'refused')).toBeGreaterThanOrEqual(28);
    expect(sink.connections()).toBeLessThanOrEqual(records.length);
  },
};

const comesBackClosed: ContractCase = {
  id: 'comes-back-closed',
  title: 'finds a server that came back from the slots of a closed stage',
  rows: () => closedRows(3, 20),
  durationMs: 1200,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer', delayMs: 20 }), {
      beside: lifeOf({ diesAtMs: 200, risesAtMs: 600 }),
    });
    for (const slot of [0, 1, 2]) {
      expect(records.filter((record) => record.slot === slot).at(-1)).toMatchObject({ outcome: 'ok' });
    }
    expect(count(records, 'refused')).toBeGreaterThanOrEqual(3);
    expect(count(records, 'refused')).toBeLessThanOrEqual(3 * 6);
    expect(sink.connections()).toBeLessThanOrEqual(records.length);
  },
};

const deadClosed: ContractCase = {
  id: 'dead-closed',
  title: 'backs off from a dead server in a closed stage',
  rows: () => closedRows(3, 0),
  durationMs: 1000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'answer', delayMs: 20 }), {
      beside: lifeOf({ diesAtMs: 0 }),
    });
    const refused = records.filter((record) => record.outcome === 'refused');
    expect(records.length - refused.length).toBeLessThanOrEqual(6);
    expect(refused.length).toBeGreaterThanOrEqual(3 * 5);
    expect(refused.length).toBeLessThanOrEqual(3 * triesOfSlot);
  },
};

export const deathCases: readonly ContractCase[] = [dies, comesBack, comesBackClosed, deadClosed];
