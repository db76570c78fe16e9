import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ladderSlope } from './ladder-slope.ts';

describe('ladder-slope', () => {
  const points = (count: number, bytes: (x: number) => number): { x: number; bytes: number }[] =>
    Array.from({ length: count }, (_, index) => ({ x: index + 1, bytes: bytes(index + 1) }));

  it('has the range of pairwise slopes below 8 points and an interval from 8 on, the same each time', () => {
    const noisy = (x: number): number => 100 * x + (x % 2 === 0 ? 20 : -20);
    expect(ladderSlope('requests', points(3, noisy))).toMatchObject({ lowerBytes: 60, upperBytes: 140 });
    const fit = ladderSlope('requests', points(10, noisy));
    expect(fit).toEqual(ladderSlope('requests', points(10, noisy)));
    expect(fit?.lowerBytes).toBeGreaterThan(60);
    expect(fit?.upperBytes).toBeLessThan(140);
  });

  it.each([
    { why: 'a straight line', bytes: (x: number) => 100 * x, bends: false },
    { why: 'a line that flattens', bytes: (x: number) => 100 * Math.sqrt(x), bends: false },
    { why: 'a square', bytes: (x: number) => 10 * x * x, bends: true },
  ])('tells whether more at once cost more each: $why', ({ bytes, bends }) => {
    expect(ladderSlope('requests', points(8, bytes))?.isSuperlinear).toBe(bends);
  });

  it('is null where nothing differs', () => {
    expect(ladderSlope('requests', [{ x: 1, bytes: 5 }])).toBeNull();
    expect(
      ladderSlope(
        'requests',
        [1, 2].map((bytes) => ({ x: 3, bytes })),
      ),
    ).toBeNull();
  });

  it('finds any slope that is there, whatever the base', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 5000 }), (slope, base) => {
        expect(
          ladderSlope(
            'requests',
            points(5, (x) => base + slope * x),
          )?.bytes,
        ).toBeCloseTo(slope, 6);
      }),
      { numRuns: 50 },
    );
  });
});
