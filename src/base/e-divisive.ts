import { createRandom, type Random } from './random.ts';

/** `index` is the first value of the new level; `p` the share of orderings that part at least as clearly. */
export interface ChangePoint {
  index: number;
  p: number;
}

/** `permutations` bounds the smallest p: 1 / (permutations + 1). `minSegment`: least values on either side, from 2. */
export interface EDivisiveOptions {
  pValue: number;
  permutations: number;
  minSegment: number;
  seed: string;
}

interface Segment {
  from: number;
  to: number;
}

/**
 * E-divisive of Matteson and James (2014), J. Am. Stat. Assoc. 109, 334-345, for one variable and alpha = 1: the split
 * with the largest energy distance is tested by permuting the values inside each segment, and kept segments are split
 * again. The right-hand side of a split always reaches to the end of its segment. Deterministic for a seed; the
 * points come in ascending order. A test is given up as soon as it cannot fall below `pValue` any more.
 */
export function changePoints(values: readonly number[], options: EDivisiveOptions): readonly ChangePoint[] {
  const random = createRandom(options.seed);
  const series = Float64Array.from(values);
  const found: ChangePoint[] = [];
  for (;;) {
    const segments = segmentsBetween(found, series.length);
    const best = bestSplit(series, segments, options.minSegment);
    if (best === null) {
      break;
    }
    const p = permutationP(series, segments, best.q, options, random);
    if (p >= options.pValue) {
      break;
    }
    found.push({ index: best.index, p });
  }
  return found.sort((a, b) => a.index - b.index);
}

function segmentsBetween(found: readonly ChangePoint[], length: number): Segment[] {
  const edges = [0, ...found.map(({ index }) => index).sort((a, b) => a - b), length];
  return edges.slice(1).map((to, index) => ({ from: edges[index] ?? 0, to }));
}

function bestSplit(
  series: Float64Array,
  segments: readonly Segment[],
  minSegment: number,
): { index: number; q: number } | null {
  let best: { index: number; q: number } | null = null;
  for (const segment of segments) {
    const split = splitOf(series, segment, Math.max(2, minSegment));
    if (split !== null && (best === null || split.q > best.q)) {
      best = split;
    }
  }
  return best;
}

/**
 * The split of largest Q = n m / (n + m) x (2 mean |x - y| - mean |x - x'| - mean |y - y'|), n values x before it and
 * m values y after it. Sums move from one side to the other value by value. null: too short, or all values are equal.
 */
function splitOf(series: Float64Array, { from, to }: Segment, minSegment: number): { index: number; q: number } | null {
  const all = to - from;
  if (all < 2 * minSegment) {
    return null;
  }
  let right = 0;
  for (let i = from; i < to; i += 1) {
    right += distance(series, i, i + 1, to);
  }
  let left = 0;
  let cross = 0;
  let best: { index: number; q: number } | null = null;
  for (let index = from; index < to - minSegment; index += 1) {
    const toLeft = distance(series, index, from, index);
    const toRight = distance(series, index, index + 1, to);
    left += toLeft;
    right -= toRight;
    cross += toRight - toLeft;
    const n = index + 1 - from;
    const m = all - n;
    if (n >= minSegment) {
      const energy = (2 * cross) / (n * m) - left / ((n * (n - 1)) / 2) - right / ((m * (m - 1)) / 2);
      const q = ((n * m) / all) * energy;
      if (q > 0 && (best === null || q > best.q)) {
        best = { index: index + 1, q };
      }
    }
  }
  return best;
}

function distance(series: Float64Array, of: number, from: number, to: number): number {
  const value = series[of] ?? 0;
  let sum = 0;
  for (let index = from; index < to; index += 1) {
    sum += Math.abs((series[index] ?? 0) - value);
  }
  return sum;
}

function permutationP(
  series: Float64Array,
  segments: readonly Segment[],
  q: number,
  { pValue, permutations, minSegment }: EDivisiveOptions,
  random: Random,
): number {
  // Rounding of the running sums must not make an equal ordering a clearer one.
  const least = q * (1 - 1e-9);
  const copy = Float64Array.from(series);
  let asClear = 0;
  for (let round = 0; round < permutations; round += 1) {
    for (const segment of segments) {
      shuffleWithin(copy, segment, random);
    }
    asClear += (bestSplit(copy, segments, minSegment)?.q ?? 0) >= least ? 1 : 0;
    if ((asClear + 1) / (permutations + 1) >= pValue) {
      return (asClear + 1) / (round + 2);
    }
  }
  return (asClear + 1) / (permutations + 1);
}

function shuffleWithin(series: Float64Array, { from, to }: Segment, random: Random): void {
  for (let index = to - 1; index > from; index -= 1) {
    const other = from + random.below(index - from + 1);
    const held = series[index] ?? 0;
    series[index] = series[other] ?? 0;
    series[other] = held;
  }
}
