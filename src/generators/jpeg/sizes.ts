import { costs, largestSize, type Sampling } from './sampling.ts';

/** Of a block, besides its DC value. */
export const coefficients = 63;
/** Levels count in 32nds of a size. */
export const levelsPerSize = 32;
const largestDcSize = 6;
const leastLevel = -96;
const mostLevel = 12 * levelsPerSize;

/** How much smaller a coefficient is than the first: 3/4 of a size for each doubling of its frequency. */
const slope = Int16Array.from({ length: coefficients + 1 }, (_, k) => {
  let octave = 0;
  while (2 << octave <= k) {
    octave += 1;
  }
  const start = 1 << octave;
  return k === 0 ? 0 : Math.floor(24 * (octave + (k - start) / start));
});

export function acSize(level: number, k: number, chance: number): number {
  return Math.min(largestSize, Math.max(1, (level - (slope[k] ?? 0) + chance) >> 5));
}

/** Size 1 is left out: the only value with a last bit of 0 is -1, and brightness would drift. */
export function dcSize(level: number, component: number, chance: number): number {
  const size = (level + (component === 0 ? levelsPerSize : 0) + chance) >> 5;
  return size < 2 ? 0 : Math.min(largestDcSize, size);
}

/** The first so many coefficients are not zero. */
export function coefficientsAt(level: number): number {
  let count = 0;
  while (count < coefficients && level > (slope[count + 1] ?? 0)) {
    count += 1;
  }
  return count;
}

/** Bits that a block is expected to take at a level: the sum over all chances of all its sizes. */
function expectedBits(component: number, level: number, expectedAcBits: Float64Array): number {
  const { dcBits, endBits } = costs[component === 0 ? 0 : 1];
  const count = coefficientsAt(level);
  let sum = count < coefficients ? endBits : 0;
  for (let chance = 0; chance < levelsPerSize; chance += 1) {
    sum += (dcBits[dcSize(level, component, chance)] ?? 0) / levelsPerSize;
  }
  for (let k = 1; k <= count; k += 1) {
    sum += expectedAcBits[level - (slope[k] ?? 0)] ?? 0;
  }
  return sum;
}

function expectationsOf(component: number): Float64Array {
  const { acBits } = costs[component === 0 ? 0 : 1];
  // The first coefficient has no slope, so it has every height that any has.
  const expectedAcBits = Float64Array.from({ length: mostLevel }, (_, level) => {
    let sum = 0;
    for (let chance = 0; chance < levelsPerSize; chance += 1) {
      sum += acBits[acSize(level, 1, chance)] ?? 0;
    }
    return sum / levelsPerSize;
  });
  return Float64Array.from({ length: mostLevel - leastLevel }, (_, step) =>
    expectedBits(component, leastLevel + step, expectedAcBits),
  );
}

let expectations: readonly [Float64Array, Float64Array] | null = null;

/** The highest level at which MCUs are expected to stay within `mcuBits`. */
export function levelFor({ lumaSide }: Sampling, mcuBits: number): number {
  expectations ??= [expectationsOf(0), expectationsOf(1)];
  const [luma, chroma] = expectations;
  const expected = (step: number): number => lumaSide * lumaSide * (luma[step] ?? 0) + 2 * (chroma[step] ?? 0);
  let step = 0;
  while (step + 1 < luma.length && expected(step + 1) <= mcuBits) {
    step += 1;
  }
  return leastLevel + step;
}
