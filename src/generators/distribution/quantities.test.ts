import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { orderItems, planQuantities, shapeForMean, shareOut } from './quantities.ts';

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
