import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BucketRules, bucketsOf, drawnIn } from './buckets.ts';
import { bucketIndexOf } from './draft.ts';

const rules: BucketRules = { buckets: 16, leastFiles: 3, limits: { from: 0.8, to: 36_000 }, step: 0 };
const lengths = fc.array(fc.double({ min: 0.8, max: 36_000, noNaN: true }), { minLength: 1, maxLength: 400 });

describe('bucketsOf', () => {
  it.each([
    {
      why: 'a length that many share is exact, since it names no file',
      values: [...new Array<number>(20).fill(30), ...new Array<number>(20).fill(12.34)],
      rules,
      buckets: [
        { from: 12.34, to: 12.34, count: 20 },
        { from: 30, to: 30, count: 20 },
      ],
    },
    {
      why: 'the gap between two clusters stays empty',
      values: [2, 2.1, 2.2, 2.3, 600, 610, 620, 630],
      rules,
      buckets: [
        { from: 2, to: 2.3, count: 4 },
        { from: 600, to: 630, count: 4 },
      ],
    },
    { why: 'one file gives one rounded bucket', values: [33.4321], rules, buckets: [{ from: 33, to: 34, count: 1 }] },
    {
      why: 'a narrow distribution is cut with three digits',
      values: [10.01, 10.02, 10.03, 10.51, 10.52, 10.53],
      rules,
      buckets: [
        { from: 10, to: 10.1, count: 3 },
        { from: 10.5, to: 10.6, count: 3 },
      ],
    },
    {
      why: 'whole values never share an end',
      values: [30, 31, 32, 33, 34, 35],
      rules: { ...rules, step: 1, limits: { from: 1, to: 100 } },
      buckets: [
        { from: 30, to: 32, count: 3 },
        { from: 33, to: 35, count: 3 },
      ],
    },
  ])('$why', ({ values, rules: used, buckets }) => {
    expect(bucketsOf(values, used)).toEqual(buckets);
  });

  it('counts every value in the bucket that holds it', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 40 }), (values, wanted) => {
        const buckets = bucketsOf(values, { ...rules, buckets: wanted });
        const recounted = buckets.map(() => 0);
        for (const value of values) {
          const index = bucketIndexOf(buckets, value);
          recounted[index] = (recounted[index] ?? Number.NaN) + 1;
        }
        expect(recounted).toEqual(buckets.map(({ count }) => count));
        expect(buckets.length).toBeLessThanOrEqual(wanted);
      }),
    );
  });

  it('holds at least three files in each, if there are three', () => {
    fc.assert(
      fc.property(lengths, (values) => {
        const least = Math.min(3, values.length);
        expect(bucketsOf(values, rules).every(({ count }) => count >= least)).toBe(true);
      }),
    );
  });

  it('rises, never overlaps, stays within the limits and reaches the largest value', () => {
    fc.assert(
      fc.property(lengths, (values) => {
        const buckets = bucketsOf(values, rules);
        const ends = buckets.flatMap(({ from, to }) => [from, to]);
        expect(ends).toEqual([...ends].sort((a, b) => a - b));
        expect(ends[0]).toBeGreaterThanOrEqual(rules.limits.from);
        expect(ends.at(-1)).toBeLessThanOrEqual(rules.limits.to);
        expect(ends.at(-1)).toBeGreaterThanOrEqual(Math.max(...values));
      }),
    );
  });

  it('sets the largest few of many apart, however far out they are', () => {
    const values = Array.from({ length: 10_000 }, (_, index) => (index < 9990 ? 1 + index / 1000 : 5000 + index));
    const last = bucketsOf(values, rules).at(-1);
    expect(last?.from).toBeGreaterThan(1000);
    expect(last?.count).toBeLessThanOrEqual(10);
  });
});

describe('drawnIn', () => {
  it.each([
    { mean: 3, range: { from: 1, to: 5 }, why: 'the middle is the mean already' },
    { mean: 2, range: { from: 1, to: 3 }, why: 'the upper end is far' },
    { mean: 4.5, range: { from: 4, to: 5 }, why: 'the lower end is far' },
    { mean: 1, range: { from: 1, to: 1 }, why: 'all lie at one end' },
  ])('gives $range for a mean of $mean: $why', ({ mean, range }) => {
    expect(drawnIn({ from: 1, to: 5 }, mean)).toEqual(range);
  });
});
