import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { nearestShape, orderItems, planQuantities, shapeForMean, shareOut, spreadTotal } from './quantities.ts';

describe('shareOut', () => {
  it.each([
    { total: 64, shares: [0.03125, 0.84375, 0.125], counts: [2, 54, 8] },
    { total: 10, shares: [0.1, 0.2, 0.7], counts: [1, 2, 7] },
    { total: 3, shares: [0.5, 0.5], counts: [2, 1] },
    { total: 7, shares: [0.98, 0.02], counts: [7, 0] },
    { total: 0, shares: [1], counts: [0] },
  ])('gives $counts of $total', ({ total, shares, counts }) => {
    expect(shareOut(total, shares)).toEqual(counts);
  });

  it('always adds up and is never off by one or more', () => {
    fc.assert(
      fc.property(
        fc.nat(20_000),
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 }),
        (total, parts) => {
          const sum = parts.reduce((all, part) => all + part, 0);
          const counts = shareOut(
            total,
            parts.map((part) => part / sum),
          );
          expect(counts.reduce((all, count) => all + count, 0)).toBe(total);
          for (const [index, count] of counts.entries()) {
            expect(Math.abs(count - ((parts[index] ?? 0) / sum) * total)).toBeLessThan(1.001);
          }
        },
      ),
    );
  });
});

describe('quantities', () => {
  const buckets = [
    { from: 1, to: 10 },
    { from: 10, to: 100 },
  ];
  const counts = [300, 100];

  it('stay in their buckets, one in each equal part', () => {
    const [short = [], long = []] = planQuantities(buckets, counts, createRandom('a')).values(1);
    expect([short.length, long.length]).toEqual([300, 100]);
    for (const [index, seconds] of long.entries()) {
      expect(seconds).toBeGreaterThanOrEqual(10 + 0.9 * index);
      expect(seconds).toBeLessThan(10 + 0.9 * (index + 1) + 1e-9);
    }
    expect(Math.max(...short)).toBeLessThan(10);
  });

  it('meet any mean between the least and the most', () => {
    fc.assert(
      fc.property(fc.double({ min: 3.5, max: 32, noNaN: true }), (mean) => {
        const plan = planQuantities(buckets, counts, createRandom('a'));
        const met = shapeForMean(plan, mean);
        expect('shape' in met ? plan.mean(met.shape) : Number.NaN).toBeCloseTo(mean, 6);
      }),
    );
  });

  it('say which means can be met when one cannot', () => {
    const met = shapeForMean(planQuantities(buckets, counts, createRandom('a')), 2);
    expect(met).toMatchObject({ least: expect.closeTo(3.25, 1) as number });
  });

  it.each([
    { why: 'below what they can have, it is the least', mean: 1, near: 3.25 },
    { why: 'above, it is the most', mean: 50, near: 32.5 },
    { why: 'between, it is met', mean: 20, near: 20 },
  ])('have the mean nearest to a given one: $why', ({ mean, near }) => {
    const plan = planQuantities(buckets, counts, createRandom('a'));
    expect(plan.mean(nearestShape(plan, mean))).toBeCloseTo(near, 1);
  });

  it('interleaved have in every prefix at most one clip more or less than the share', () => {
    const bySize = [Array.from({ length: 30 }, () => 1), Array.from({ length: 10 }, () => 2)];
    const order = orderItems(bySize, 'interleaved', createRandom('a'));
    expect(order).toHaveLength(40);
    for (let length = 1; length <= 40; length += 1) {
      const long = order.slice(0, length).filter((value) => value === 2).length;
      expect(Math.abs(long - length / 4)).toBeLessThanOrEqual(1);
    }
  });

  it('shuffled are the same lengths in an order that only the seed decides', () => {
    const bySize = [Array.from({ length: 50 }, (_, index) => index)];
    const order = orderItems(bySize, 'shuffled', createRandom('a'));
    expect(order).toEqual(orderItems(bySize, 'shuffled', createRandom('a')));
    expect(order).not.toEqual(bySize[0]);
    expect([...order].sort((a, b) => a - b)).toEqual(bySize[0]);
  });
});

describe('spreadTotal', () => {
  const limits = [
    { from: 1, to: 10 },
    { from: 10, to: 100 },
  ];

  it.each([
    { why: 'nothing to do', lists: [[1, 2], [50]], total: 53, spread: [[1, 2], [50]] },
    { why: 'one more for each', lists: [[1, 2], [50]], total: 56, spread: [[2, 3], [51]] },
    { why: 'one for one of three', lists: [[1, 2], [50]], total: 54, spread: [[1, 2], [51]] },
    { why: 'what is full takes no more', lists: [[10, 10], [50]], total: 73, spread: [[10, 10], [53]] },
    { why: 'less, as far as there is room', lists: [[1, 3], [10]], total: 12, spread: [[1, 1], [10]] },
    { why: 'more than one round', lists: [[9, 9], [50]], total: 90, spread: [[10, 10], [70]] },
    { why: 'no quantities', lists: [[], []], total: 0, spread: [[], []] },
  ])('moves quantities evenly: $why', ({ lists, total, spread }) => {
    expect(spreadTotal(lists, limits, total)).toEqual(spread);
  });

  it('meets every total that the limits allow, moves all one way, and changes no given list', () => {
    const bucket = (index: number) =>
      fc.array(fc.integer({ min: limits[index]?.from ?? 0, max: limits[index]?.to ?? 0 }));
    fc.assert(
      fc.property(bucket(0), bucket(1), fc.double({ min: 0, max: 1, noNaN: true }), (small, large, share) => {
        const least = small.length + large.length * 10;
        const total = least + Math.floor(share * 9 * (small.length + large.length * 10));
        const before = [[...small], [...large]];
        const spread = spreadTotal([small, large], limits, total);
        const flat = spread.flat();
        expect(flat.reduce((all, value) => all + value, 0)).toBe(total);
        expect([small, large]).toEqual(before);
        const moves = flat.map((value, index) => Math.sign(value - (before.flat()[index] ?? 0)));
        expect(moves.includes(1) && moves.includes(-1)).toBe(false);
        expect(spread[0]?.every((value) => value >= 1 && value <= 10)).toBe(true);
        expect(spread[1]?.every((value) => value >= 10 && value <= 100)).toBe(true);
      }),
    );
  });

  it('refuses a total beyond the limits', () => {
    expect(() => spreadTotal([[5], [50]], limits, 111)).toThrow(RangeError);
    expect(() => spreadTotal([[5], [50]], limits, 10)).toThrow(RangeError);
  });
});
