import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimate } from './decimate.ts';

const line = (values: readonly number[], stepMs = 1000) => ({ tMs: values.map((_, index) => index * stepMs), values });

describe('decimate', () => {
  it('leaves a short line as it is, gaps as null', () => {
    expect(decimate(line([1, Number.NaN, 3]), 10)).toEqual({ tMs: [0, 1000, 2000], values: [1, null, 3] });
  });

  it('has no more points than asked for and keeps the highest and the lowest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 30, max: 800 }),
        (values, max) => {
          const short = decimate(line(values), max, [50_000, 90_000]);
          expect(short.tMs.length).toBeLessThanOrEqual(max);
          expect(Math.max(...(short.values as number[]))).toBe(Math.max(...values));
          expect(Math.min(...(short.values as number[]))).toBe(Math.min(...values));
          expect(short.tMs).toEqual([...short.tMs].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('keeps a gap of one sample in a thousand', () => {
    const values = Array.from({ length: 1000 }, (_, index) => (index === 500 ? Number.NaN : index));
    const short = decimate(line(values), 90);
    const gap = short.values.indexOf(null);
    expect(gap).toBeGreaterThan(0);
    expect(short.tMs[gap]).toBe(500_000);
  });

  it('breaks the line where nothing was sampled for long', () => {
    const short = decimate({ tMs: [0, 1000, 2000, 3000, 20_000, 21_000], values: [1, 1, 1, 1, 2, 2] }, 100);
    expect(short.values).toEqual([1, 1, 1, 1, null, 2, 2]);
  });

  it('never merges points from both sides of an edge', () => {
    const values = Array.from({ length: 400 }, (_, index) => (index < 200 ? 0 : 100));
    const short = decimate(line(values), 12, [200_000]);
    const lastLow = short.tMs[short.values.lastIndexOf(0)] ?? 0;
    const firstHigh = short.tMs[short.values.indexOf(100)] ?? 0;
    expect(lastLow).toBeLessThan(200_000);
    expect(firstHigh).toBe(200_000);
  });

  it('gives an empty line for an empty one', () => {
    expect(decimate(line([]), 10)).toEqual({ tMs: [], values: [] });
  });
});
