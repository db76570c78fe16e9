/** Larger samples have too many orderings to be worth counting, and the normal curve is close by then. */
const mostCounted = 10;

/**
 * One-sided p of a rise by Mann (1945) and Kendall (1975): how likely values in random order would rise at least
 * as often as these. Exact up to 10 values without ties, else by the normal curve, corrected for ties.
 * 1 below two values. NaN must have been left out.
 */
export function mannKendallP(values: readonly number[]): number {
  const rises = pairSigns(values);
  const ties = tieGroups(values);
  return values.length <= mostCounted && ties.length === 0
    ? exactP(values.length, rises)
    : normalP(values.length, rises, ties);
}

/** S: pairs that rise less pairs that fall. */
function pairSigns(values: readonly number[]): number {
  let sum = 0;
  for (const [index, value] of values.entries()) {
    for (let later = index + 1; later < values.length; later += 1) {
      sum += Math.sign((values[later] ?? value) - value);
    }
  }
  return sum;
}

/** Sizes of the groups of equal values, of those that have more than one. */
function tieGroups(values: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts.values()].filter((count) => count > 1);
}

/** Orderings of k values by their number of inversions i (falling pairs), each with S = k (k - 1) / 2 - 2 i. */
function exactP(k: number, rises: number): number {
  let orderings = [1];
  for (let size = 2; size <= k; size += 1) {
    const next = new Array<number>(orderings.length + size - 1).fill(0);
    for (const [inversions, count] of orderings.entries()) {
      for (let more = 0; more < size; more += 1) {
        next[inversions + more] = (next[inversions + more] ?? 0) + count;
      }
    }
    orderings = next;
  }
  const pairs = (k * (k - 1)) / 2;
  let all = 0;
  let asSteep = 0;
  for (const [inversions, count] of orderings.entries()) {
    all += count;
    asSteep += pairs - 2 * inversions >= rises ? count : 0;
  }
  return asSteep / all;
}

/** z with the correction for continuity; V = [k (k - 1) (2k + 5) - sum of t (t - 1) (2t + 5)] / 18. */
function normalP(k: number, rises: number, ties: readonly number[]): number {
  const spread = (size: number): number => size * (size - 1) * (2 * size + 5);
  const variance = (spread(k) - ties.reduce((sum, size) => sum + spread(size), 0)) / 18;
  if (variance <= 0) {
    return 1;
  }
  return upperTail((rises - Math.sign(rises)) / Math.sqrt(variance));
}

/** 1 - Phi(z), to 7.5e-8 (Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, 26.2.17). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return z >= 0 ? tail : 1 - tail;
}
