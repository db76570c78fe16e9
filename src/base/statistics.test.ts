import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';
import { largest, mad, median, quantile, smallest, theilSen } from './statistics.ts';

describe('median, MAD and quantile', () => {
  it.each([
    { values: [], middle: null, why: 'nothing was measured' },
    { values: [Number.NaN], middle: null, why: 'a gap is no value' },
    { values: [5], middle: 5, why: 'one value is its own median' },
    { values: [4, 1, 3], middle: 3, why: 'odd: the middle one' },
    { values: [4, 1, 3, 2], middle: 2.5, why: 'even: between the two' },
    { values: [1, Number.NaN, 3], middle: 2, why: 'gaps are left out' },
  ])('the median of $values is $middle, as $why', ({ values, middle }) => {
    expect(median(values)).toBe(middle);
  });

  it.each([
    { values: [], least: null, most: null, why: 'nothing was measured' },
    { values: [Number.NaN], least: null, most: null, why: 'a gap is no value' },
    { values: [Number.NaN, 3, Number.NaN, -1, 2], least: -1, most: 3, why: 'gaps are left out' },
    { values: new Float64Array(300_000).fill(7), least: 7, most: 7, why: 'they are more than a call has room for' },
  ])('the least of values is $least and the largest $most: $why', ({ values, least, most }) => {
    expect([smallest(values), largest(values)]).toEqual([least, most]);
  });

  it('the MAD of 1 1 2 2 4 6 9 is 1.4826', () => {
    expect(mad([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826, 6);
  });

  it('a quantile is always one of the values, and the last one for 1', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, ratio) => {
          expect(values).toContain(quantile(values, ratio));
          expect(quantile(values, 1)).toBe(Math.max(...values));
        },
      ),
    );
  });

  it('the 95th percentile of 1 to 100 is 95', () => {
    expect(
      quantile(
        Array.from({ length: 100 }, (_, index) => index + 1),
        0.95,
      ),
    ).toBe(95);
  });
});

describe('theilSen', () => {
  it('finds the line of Sen (1968): time 1 2 3 4 10 12 18 against 9 15 19 20 45 55 78 has slope 4', () => {
    const fit = theilSen([1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78]);
    expect(fit?.slope).toBe(4);
    expect(fit?.intercept).toBe(6);
  });

  it('is exact on a line without noise, and its interval has no width', () => {
    const xs = Array.from({ length: 40 }, (_, index) => index);
    const fit = theilSen(
      xs,
      xs.map((x) => 7 + 3 * x),
    );
    expect(fit).toMatchObject({ slope: 3, lowerSlope: 3, upperSlope: 3, intercept: 7, points: 40 });
  });

  it('is not moved by a third of wild values', () => {
    const xs = Array.from({ length: 30 }, (_, index) => index);
    const fit = theilSen(
      xs,
      xs.map((x) => (x % 5 === 0 ? 1e6 : 2 * x)),
    );
    expect(fit?.slope).toBeCloseTo(2, 6);
  });

  it.each([
    { ys: [], why: 'there is nothing' },
    { ys: [1, 2], why: 'two points always lie on a line' },
    { ys: [1, Number.NaN, 2, Number.NaN], why: 'gaps do not count' },
  ])('answers null for $ys, as $why', ({ ys }) => {
    expect(theilSen([...ys.keys()], ys)).toBeNull();
  });

  it('covers the true slope in at least 93 % of noisy series at 95 %', () => {
    const random = createRandom('theil-sen coverage');
    let covered = 0;
    for (let trial = 0; trial < 200; trial += 1) {
      const xs = Array.from({ length: 30 }, (_, index) => index);
      const ys = xs.map((x) => 2 * x + 40 * (random.real() + random.real() + random.real() - 1.5));
      const fit = theilSen(xs, ys);
      covered += fit !== null && fit.lowerSlope <= 2 && fit.upperSlope >= 2 ? 1 : 0;
    }
    expect(covered).toBeGreaterThanOrEqual(186);
  });

  it('widens the interval when the noise follows itself', () => {
    const random = createRandom('theil-sen ar1');
    let covered = 0;
    for (let trial = 0; trial < 200; trial += 1) {
      let noise = 0;
      const xs = Array.from({ length: 60 }, (_, index) => index);
      const ys = xs.map(() => {
        noise = 0.8 * noise + random.real() - 0.5;
        return noise;
      });
      const fit = theilSen(xs, ys, 2.326);
      covered += fit !== null && fit.lowerSlope <= 0 && fit.upperSlope >= 0 ? 1 : 0;
    }
    expect(covered).toBeGreaterThanOrEqual(188);
  });
});
