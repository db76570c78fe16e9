import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mannKendallP } from './mann-kendall.ts';

describe('the p of Mann and Kendall', () => {
  it.each([
    { values: [], p: 1, why: 'there is nothing to rank' },
    { values: [5], p: 1, why: 'one value cannot rise' },
    { values: [1, 2], p: 1 / 2, why: 'one of two orderings rises' },
    { values: [1, 2, 3], p: 1 / 6, why: 'one of 3! orderings' },
    { values: [1, 3, 2], p: 3 / 6, why: 'two more have at most one inversion' },
    { values: [1, 2, 3, 4], p: 1 / 24, why: 'the smallest p of four is .042' },
    { values: [1, 2, 3, 4, 5], p: 1 / 120, why: 'of five .0083' },
    { values: [1, 2, 3, 4, 5, 6], p: 1 / 720, why: 'of six .0014' },
    { values: [1, 2, 3, 4, 6, 5], p: 6 / 720, why: 'five orderings of six have one inversion' },
    { values: [6, 5, 4, 3, 2, 1], p: 1, why: 'every ordering rises at least as much' },
  ])('of $values is $p, as $why', ({ values, p }) => {
    expect(mannKendallP(values)).toBeCloseTo(p, 12);
  });

  it.each([
    // S = 14, V = (6 x 5 x 17 - 2 x 1 x 9) / 18 = 27.33, z = 13 / 5.228 = 2.4866.
    { values: [1, 2, 3, 4, 5, 5], p: 0.006448, why: 'one pair is tied' },
    { values: [5, 5, 5, 5], p: 1, why: 'all are equal' },
    // S = 55, V = 11 x 10 x 27 / 18 = 165, z = 54 / 12.845 = 4.2039.
    { values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], p: 1.3116e-5, why: 'eleven are too many to count' },
    // S = 0.
    { values: [1, 2, 2, 1], p: 0.5, why: 'rises and falls are even' },
  ])('of $values is $p by the normal curve, as $why', ({ values, p }) => {
    expect(mannKendallP(values)).toBeCloseTo(p, 5);
  });

  it('is near the exact one where both can be had', () => {
    const counted = mannKendallP([1, 3, 2, 4, 6, 5, 7, 9, 8, 10]);
    const normal = mannKendallP([1, 3, 2, 4, 6, 5, 7, 9, 8, 10, 10]);
    expect(Math.abs(Math.log10(counted) - Math.log10(normal))).toBeLessThan(1);
  });

  it('stays in 0..1 and depends on the order alone', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 20 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 50 }), fc.integer(), (list, factor, added) => {
        const p = mannKendallP(list);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(mannKendallP(list.map((value) => factor * value + added))).toBe(p);
      }),
    );
  });
});
