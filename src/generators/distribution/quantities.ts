import { type Random, shuffled } from '../../base/random.ts';

export type ItemOrder = 'shuffled' | 'interleaved';

/** Whole counts for shares, by largest remainder: they add up to `total` and each is off by less than one. */
export function shareOut(total: number, shares: readonly number[]): number[] {
  const sum = shares.reduce((all, share) => all + share, 0);
  const exact = shares.map((share) => (share * total) / sum);
  // The sum of shares is rarely exactly 1 in binary, so a count that is whole but for rounding counts as whole.
  const counts = exact.map((value) => Math.floor(value + 1e-6));
  const order = exact
    .map((value, index) => ({ index, remainder: value - (counts[index] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const left = total - counts.reduce((all, count) => all + count, 0);
  for (const { index } of order.slice(0, left)) {
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

/** Bends a quantile within its bucket: 1 leaves it, more makes quantities smaller. Monotone in both arguments. */
function bend(quantile: number, shape: number): number {
  return quantile / (quantile + shape * (1 - quantile));
}

export interface QuantityPlan {
  /** Each bucket's quantities, rising. */
  values(shape: number): number[][];
  mean(shape: number): number;
}

/**
 * `counts[i]` quantities within bucket i: one in each of so many equal parts, so that even few fill it
 * evenly (stratified sampling). Unit is the caller's: seconds, bytes, tokens.
 */
export function planQuantities(
  buckets: readonly { from: number; to: number }[],
  counts: readonly number[],
  random: Random,
): QuantityPlan {
  const count = counts.reduce((all, size) => all + size, 0);
  const quantiles = counts.map((size, bucket) => {
    const stream = random.fork(`bucket/${bucket}`);
    return Array.from({ length: size }, (_, index) => (index + stream.real()) / size);
  });
  const values = (shape: number): number[][] =>
    quantiles.map((list, bucket) => {
      const { from, to } = buckets[bucket] ?? { from: 0, to: 0 };
      return list.map((quantile) => from + (to - from) * bend(quantile, shape));
    });
  const mean = (shape: number): number =>
    values(shape)
      .flat()
      .reduce((all, value) => all + value, 0) / count;
  return { values, mean };
}

const extremeShape = 1e6;

/** The shape at which the mean is met, or the means that can be met. */
export function shapeForMean(plan: QuantityPlan, mean: number): { shape: number } | { least: number; most: number } {
  let short = extremeShape;
  let long = 1 / extremeShape;
  const least = plan.mean(short);
  const most = plan.mean(long);
  if (mean < least || mean > most) {
    return { least, most };
  }
  for (let round = 0; round < 60; round += 1) {
    const middle = Math.sqrt(short * long);
    if (plan.mean(middle) > mean) {
      long = middle;
    } else {
      short = middle;
    }
  }
  return { shape: Math.sqrt(short * long) };
}

/** `interleaved` spreads each bucket evenly, so that every prefix of a run has about the shares of the whole. */
export function orderItems<T>(byBucket: readonly (readonly T[])[], order: ItemOrder, random: Random): T[] {
  if (order === 'shuffled') {
    return shuffled(byBucket.flat(), random);
  }
  return byBucket
    .flatMap((list, bucket) =>
      shuffled(list, random).map((item, index) => ({ item, bucket, place: (index + 0.5) / list.length })),
    )
    .sort((a, b) => a.place - b.place || a.bucket - b.bucket)
    .map(({ item }) => item);
}
