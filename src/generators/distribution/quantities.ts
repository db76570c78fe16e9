import { type Random, shuffled } from '../../base/random.ts';

export type ItemOrder = 'shuffled' | 'interleaved';

/** Whole counts for shares, by largest remainder (PROTOCOL 2.4): they add up to `total` and each is off by less than one. */
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
  // Without the lists: finding a shape asks for sixty means, of up to a million quantities each.
  const mean = (shape: number): number => {
    let sum = 0;
    for (let bucket = 0; bucket < quantiles.length; bucket += 1) {
      const { from, to } = buckets[bucket] ?? { from: 0, to: 0 };
      const list = quantiles[bucket] ?? [];
      for (let index = 0; index < list.length; index += 1) {
        sum += from + (to - from) * bend(list[index] ?? 0, shape);
      }
    }
    return sum / count;
  };
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

/** The shape for a mean, or the outermost one where the mean lies beyond. */
export function nearestShape(plan: QuantityPlan, mean: number): number {
  const met = shapeForMean(plan, mean);
  if ('shape' in met) {
    return met.shape;
  }
  return mean < met.least ? extremeShape : 1 / extremeShape;
}

function sumOf(byBucket: readonly (readonly number[])[]): number {
  return byBucket.reduce((all, list) => list.reduce((sum, value) => sum + value, all), 0);
}

/** One round: each quantity that has room takes its part of `left`, as far as the room goes. */
function moveTowards(left: number, byBucket: number[][], limits: readonly { from: number; to: number }[]): void {
  const wanted = Math.abs(left);
  const room = (value: number, bucket: number): number => {
    const { from, to } = limits[bucket] ?? { from: value, to: value };
    return left > 0 ? to - value : value - from;
  };
  const movable = byBucket.reduce(
    (all, list, bucket) => all + list.filter((value) => room(value, bucket) > 0).length,
    0,
  );
  if (movable === 0) {
    throw new RangeError(`quantities at their limits cannot take another ${left}`);
  }
  let place = 0;
  for (const [bucket, list] of byBucket.entries()) {
    for (const [index, value] of list.entries()) {
      const free = room(value, bucket);
      if (free > 0) {
        const part = Math.floor(((place + 1) * wanted) / movable) - Math.floor((place * wanted) / movable);
        list[index] = left > 0 ? value + Math.min(free, part) : value - Math.min(free, part);
        place += 1;
      }
    }
  }
}

/**
 * Whole quantities, moved evenly and by little until they add up to `total`. None leaves the limits of its
 * bucket; throws RangeError for a total that the limits do not allow.
 */
export function spreadTotal(
  byBucket: readonly (readonly number[])[],
  limits: readonly { from: number; to: number }[],
  total: number,
): number[][] {
  const spread = byBucket.map((list) => [...list]);
  for (let left = total - sumOf(spread); left !== 0; left = total - sumOf(spread)) {
    moveTowards(left, spread, limits);
  }
  return spread;
}

/** Merges lists by how far each has come, the lower list first where two have come as far. */
function interleaved<T>(lists: readonly (readonly T[])[]): T[] {
  const taken = lists.map(() => 0);
  const count = lists.reduce((all, list) => all + list.length, 0);
  return Array.from({ length: count }, () => {
    let next = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let list = 0; list < lists.length; list += 1) {
      const length = lists[list]?.length ?? 0;
      const at = taken[list] ?? 0;
      const place = (at + 0.5) / length;
      if (at < length && place < least) {
        least = place;
        next = list;
      }
    }
    const at = taken[next] ?? 0;
    taken[next] = at + 1;
    return lists[next]?.[at] as T;
  });
}

/** `interleaved` spreads each bucket evenly, so that every prefix of a run has about the shares of the whole. */
export function orderItems<T>(byBucket: readonly (readonly T[])[], order: ItemOrder, random: Random): T[] {
  return order === 'shuffled'
    ? shuffled(byBucket.flat(), random)
    : interleaved(byBucket.map((list) => shuffled(list, random)));
}
