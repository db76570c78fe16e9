import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomes, type RequestRecord } from '../model/record.ts';
import { record } from '../testing/build.ts';
import { latencyOverTime } from './latency.ts';
import { latencyCurves } from './latency-curve.ts';
import { outcomeRates } from './outcome-rates.ts';

const reply = (ms: number, stage = 'hold', plannedMs = 0): RequestRecord =>
  record(0, { stage, plannedMs, startMs: plannedMs, endMs: plannedMs + ms, outcome: 'ok' });

describe('the curve of latency', () => {
  it('has the value of each named share, by nearest rank', () => {
    const [all] = latencyCurves(Array.from({ length: 1000 }, (_, index) => reply(index + 1)));
    const at = (ratio: number): number | undefined => all?.points.find((point) => point.ratio === ratio)?.ms;
    expect([at(0.5), at(0.9), at(0.95), at(0.99), at(0.999)]).toEqual([500, 900, 950, 990, 999]);
    expect(at(0.9999)).toBeUndefined();
  });

  it('rises and never leaves what was measured', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 400 }), (values) => {
        const [all] = latencyCurves(values.map((ms) => reply(ms)));
        const drawn = all?.points ?? [];
        expect(drawn.map(({ ms }) => ms)).toEqual(drawn.map(({ ms }) => ms).toSorted((a, b) => a - b));
        expect(drawn.every(({ ratio, ms }) => ratio < 1 && values.includes(ms))).toBe(true);
      }),
    );
  });

  it.each([
    { name: 'nothing was answered', records: [record(0, { outcome: 'timeout' })], curves: 0 },
    { name: 'one stage alone was answered', records: Array.from({ length: 40 }, () => reply(5)), curves: 2 },
    {
      name: 'two stages were',
      records: ['a', 'b'].flatMap((stage) => Array.from({ length: 40 }, () => reply(5, stage))),
      curves: 4,
    },
    {
      name: 'a second stage has too few answers for a curve',
      records: [...Array.from({ length: 40 }, () => reply(5)), reply(5, 'canary')],
      curves: 3,
    },
  ])('is there $curves times where $name', ({ records, curves }) => {
    expect(latencyCurves(records)).toHaveLength(curves);
  });
});

describe('latency over time', () => {
  it('is a gap in a second in which nothing was planned that was answered', () => {
    const { latencyP50, latencyP99 } = latencyOverTime([reply(10), reply(30), reply(20, 'hold', 2500)], 1000, 3000);
    expect([...latencyP50.values]).toEqual([10, Number.NaN, 20]);
    expect([...latencyP99.values]).toEqual([30, Number.NaN, 20]);
  });
});

describe('outcomes over time', () => {
  it('are together what was planned', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ plannedMs: fc.integer({ min: 0, max: 9999 }), outcome: fc.constantFrom(...outcomes) })),
        (rows) => {
          const rates = outcomeRates(
            rows.map((row, seq) => record(seq, row)),
            1000,
            10_000,
          );
          const sum = [...rates.values()].reduce(
            (total, { values }) => total + values.reduce((of, value) => of + value, 0),
            0,
          );
          expect(sum).toBeCloseTo(rows.length, 6);
          expect(new Set(rates.keys())).toEqual(new Set(rows.map(({ outcome }) => outcome)));
        },
      ),
    );
  });
});
