import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changePoints, type EDivisiveOptions } from './e-divisive.ts';
import { createRandom } from './random.ts';

const options: EDivisiveOptions = { pValue: 0.01, permutations: 499, minSegment: 3, seed: 'test' };
const indexes = (values: readonly number[], over: Partial<EDivisiveOptions> = {}): number[] =>
  changePoints(values, { ...options, ...over }).map(({ index }) => index);

/** Annual flow of the Nile at Aswan, 1871 to 1970, in 10^8 cubic metres (Cobb 1978, Biometrika 65, 243-251). */
const nile = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100,
  1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456,
  824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897,
  822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975,
  815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];

/** Noise of one tenth about a level. */
function noisy(levels: readonly number[], seed: string): number[] {
  const random = createRandom(seed);
  return levels.map((level) => level + (random.real() + random.real() + random.real() - 1.5) / 5);
}
const levels = (...parts: readonly (readonly [count: number, level: number])[]): number[] =>
  parts.flatMap(([count, level]) => Array.from({ length: count }, () => level));

describe('change points by energy distance', () => {
  it('finds the fall of the Nile in 1899 that the literature finds, and nothing else', () => {
    expect(indexes(nile)).toEqual([28]);
  });

  it.each([
    { why: 'no value', values: [] },
    { why: 'too few for two sides', values: [1, 1, 9, 9, 9] },
    { why: 'all are equal', values: levels([40, 7]) },
    { why: 'noise alone', values: noisy(levels([60, 1]), 'still') },
    { why: 'one outlier is no level', values: [...noisy(levels([20, 1]), 'a'), 9, ...noisy(levels([20, 1]), 'b')] },
  ])('finds none: $why', ({ values }) => {
    expect(indexes(values)).toEqual([]);
  });

  it.each([
    { why: 'one step', values: noisy(levels([20, 1], [20, 2]), 'one'), at: [20] },
    { why: 'two steps up', values: noisy(levels([20, 1], [20, 2], [20, 3]), 'two'), at: [20, 40] },
    { why: 'up and back', values: noisy(levels([20, 1], [15, 2], [25, 1]), 'back'), at: [20, 35] },
    { why: 'a step without any noise', values: levels([20, 5], [10, 6]), at: [20] },
    {
      why: 'another spread about the same middle',
      values: [...noisy(levels([40, 0]), 'c'), ...noisy(levels([40, 0]), 'd').map((value) => 30 * value)],
      at: [40],
    },
  ])('finds $why', ({ values, at }) => {
    expect(indexes(values)).toEqual(at);
  });

  it('cannot find what no number of permutations could show', () => {
    expect(indexes(noisy(levels([20, 1], [20, 2]), 'few'), { permutations: 50, pValue: 0.01 })).toEqual([]);
  });

  it('does not depend on unit, zero or sign, and is the same each time', () => {
    const values = noisy(levels([20, 1], [20, 1.6]), 'units');
    const found = changePoints(values, options);
    fc.assert(
      fc.property(
        fc.integer({ min: -8, max: 8 }),
        fc.integer({ min: -100, max: 100 }),
        fc.boolean(),
        (power, zero, isMirrored) => {
          const factor = 2 ** power * (isMirrored ? -1 : 1);
          expect(
            changePoints(
              values.map((value) => factor * value + zero),
              options,
            ),
          ).toEqual(found);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('raises an alarm on still series about as often as its p-value allows', () => {
    const alarms = Array.from({ length: 100 }, (_, seed) => indexes(noisy(levels([30, 1]), `still ${seed}`))).filter(
      (found) => found.length > 0,
    );
    expect(alarms.length).toBeLessThanOrEqual(4);
  });
});
