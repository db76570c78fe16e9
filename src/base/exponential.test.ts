import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential } from './exponential.ts';
import { createRandom } from './random.ts';

function draws(seed: string, count: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => exponential(random));
}

describe('exponential', () => {
  it('the same seed gives the same values, and none is 0', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const values = draws(seed, 50);
        expect(draws(seed, 50)).toEqual(values);
        expect(Math.min(...values)).toBeGreaterThan(0);
      }),
    );
  });

  it.each([0.01, 0.1, 0.5, 1, 2, 3, 5])('the share of values above %f is that of the law', (bound) => {
    const count = 200_000;
    const expected = Math.exp(-bound);
    const share = draws('tail', count).filter((value) => value > bound).length / count;
    // Five standard errors of a share.
    expect(Math.abs(share - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / count));
  });

  it('the inverse of the law maps it to a uniform value, as the logarithm would have done', () => {
    const values = draws('inverse', 100_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.02);
    const deciles = new Array<number>(10).fill(0);
    for (const value of values) {
      const cell = Math.floor((1 - Math.exp(-value)) * 10);
      deciles[cell] = (deciles[cell] ?? 0) + 1;
    }
    for (const cell of deciles) {
      expect(Math.abs(cell - 10_000)).toBeLessThan(500);
    }
  });
});
