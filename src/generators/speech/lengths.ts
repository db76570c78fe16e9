import { type Random, shuffled } from '../../base/random.ts';

export interface LengthBucket {
  from: number;
  to: number;
  share: number;
}

export type LengthOrder = 'shuffled' | 'interleaved';

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

/** Bends a quantile within its bucket: 1 leaves it, more makes clips shorter. Monotone in both arguments. */
function bend(quantile: number, shape: number): number {
  return quantile / (quantile + shape * (1 - quantile));
}

export interface LengthPlan {
  /** Seconds of each bucket's clips, rising. */
  seconds(shape: number): number[][];
  meanSeconds(shape: number): number;
}

/** One clip in each of `n` equal parts of a bucket, so that even few clips fill it evenly. */
export function planLengths(buckets: readonly LengthBucket[], count: number, random: Random): LengthPlan {
  const counts = shareOut(
    count,
    buckets.map(({ share }) => share),
  );
  const quantiles = counts.map((size, bucket) => {
    const stream = random.fork(`bucket/${bucket}`);
    return Array.from({ length: size }, (_, index) => (index + stream.real()) / size);
  });
  const seconds = (shape: number): number[][] =>
    quantiles.map((list, bucket) => {
      const { from, to } = buckets[bucket] ?? { from: 0, to: 0 };
      return list.map((quantile) => from + (to - from) * bend(quantile, shape));
    });
  const meanSeconds = (shape: number): number =>
    seconds(shape)
      .flat()
      .reduce((all, value) => all + value, 0) / count;
  return { seconds, meanSeconds };
}

const extremeShape = 1e6;

/** The shape at which the mean is met, or the means that can be met. */
export function shapeForMean(
  plan: LengthPlan,
  meanSeconds: number,
): { shape: number } | { leastSeconds: number; mostSeconds: number } {
  let short = extremeShape;
  let long = 1 / extremeShape;
  const leastSeconds = plan.meanSeconds(short);
  const mostSeconds = plan.meanSeconds(long);
  if (meanSeconds < leastSeconds || meanSeconds > mostSeconds) {
    return { leastSeconds, mostSeconds };
  }
  for (let round = 0; round < 60; round += 1) {
    const middle = Math.sqrt(short * long);
    if (plan.meanSeconds(middle) > meanSeconds) {
      long = middle;
    } else {
      short = middle;
    }
  }
  return { shape: Math.sqrt(short * long) };
}

/** `interleaved` spreads each bucket evenly, so that every prefix of a run has about the shares of the whole. */
export function orderLengths(bySize: readonly (readonly number[])[], order: LengthOrder, random: Random): number[] {
  if (order === 'shuffled') {
    return shuffled(bySize.flat(), random);
  }
  return bySize
    .flatMap((list, bucket) =>
      shuffled(list, random).map((seconds, index) => ({ seconds, bucket, place: (index + 0.5) / list.length })),
    )
    .sort((a, b) => a.place - b.place || a.bucket - b.bucket)
    .map(({ seconds }) => seconds);
}
