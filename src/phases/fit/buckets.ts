import { roundDown, roundUp } from './rounding.ts';

export interface Range {
  from: number;
  to: number;
}

export interface Bucket extends Range {
  count: number;
}

export interface BucketRules {
  /** At most so many. */
  buckets: number;
  /** A bucket holds at least so many files, as long as there are so many. */
  leastFiles: number;
  /** What the generator can make; values lie within. */
  limits: Range;
  /** Of the values, so that rounding moves none into the next bucket; 0: they are not rounded. */
  step: number;
}

/** The largest items are what ends a server, so the last tenth is cut finer than the rest, the finer the more there are. */
const tailCuts = [0.9, 0.97, 0.99, 0.997, 0.999, 0.9997, 0.9999];
/** The shortest are few and spread wide as well. */
const headCut = 0.03;
const leastForHead = 8;
/** Values that grow so much from one to the next leave a gap between them. */
const leastJump = 1.5;

/** Shares of the values below each cut, rising; the last bucket holds the fewest that a bucket may. */
function quantileCuts(count: number, { buckets, leastFiles }: BucketRules): number[] {
  const mostTail = Math.floor(buckets / 2);
  const roomy = tailCuts.filter((cut) => (1 - cut) * count >= 2 * leastFiles);
  const tail = mostTail === 0 ? [] : [...roomy.slice(0, mostTail - 1), 1 - leastFiles / count];
  const head = buckets >= leastForHead ? [headCut] : [];
  const body = buckets - head.length - tail.length;
  const bodyEnd = tail[0] ?? 1;
  return [...head, ...Array.from({ length: body - 1 }, (_, index) => (bodyEnd * (index + 1)) / body), ...tail];
}

/** How many of the rising values are below `edge`. */
export function countBelow(rising: readonly number[], edge: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? edge) < edge) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * The rounded edge next to position `wanted` of the rising values that leaves `least` of them on both sides within
 * positions `start` to `end`; null if there is none.
 */
export function edgeNear(
  rising: readonly number[],
  wanted: number,
  { digits, least, start, end }: { digits: number; least: number; start: number; end: number },
): number | null {
  const value = rising[wanted];
  if (value === undefined) {
    return null;
  }
  const fitting = [roundDown(value, digits), roundUp(value, digits)]
    .map((edge) => ({ edge, position: countBelow(rising, edge) }))
    .filter(({ position }) => position - start >= least && end - position >= least)
    .sort((a, b) => Math.abs(a.position - wanted) - Math.abs(b.position - wanted));
  return fitting[0]?.edge ?? null;
}

/** Positions behind which the values jump, the farthest jump first: a bucket across it would fill the gap. */
function gapPositions(rising: readonly number[], { buckets }: BucketRules): number[] {
  const jumps = rising.flatMap((value, position) => {
    const ratio = value / (rising[position - 1] ?? value);
    return ratio >= leastJump ? [{ position, ratio }] : [];
  });
  return jumps
    .sort((a, b) => b.ratio - a.ratio)
    .slice(0, Math.floor(buckets / 4))
    .map(({ position }) => position);
}

/** Rounded edges at gaps first, then at quantiles, as long as each part keeps enough files. */
function edgesOf(rising: readonly number[], rules: BucketRules, digits: number): number[] {
  const { buckets, leastFiles } = rules;
  const quantiles = quantileCuts(rising.length, rules).map((share) =>
    Math.min(Math.round(share * rising.length), rising.length - leastFiles),
  );
  const cuts: { edge: number; position: number }[] = [];
  for (const wanted of [...gapPositions(rising, rules), ...quantiles]) {
    const positions = cuts.map(({ position }) => position);
    const start = Math.max(0, ...positions.filter((position) => position <= wanted));
    const end = Math.min(rising.length, ...positions.filter((position) => position > wanted));
    const edge = edgeNear(rising, wanted, { digits, least: leastFiles, start, end });
    if (edge !== null && cuts.length < buckets - 1) {
      cuts.push({ edge, position: countBelow(rising, edge) });
    }
  }
  return cuts.map(({ edge }) => edge).sort((a, b) => a - b);
}

/** The rounded range that holds the rising values; a value that several files share names none, so it stays exact. */
export function rangeOf(rising: readonly number[], digits: number, leastFiles: number, limits: Range): Range {
  const least = rising[0] ?? limits.from;
  const most = rising.at(-1) ?? limits.to;
  if (least === most && rising.length >= leastFiles) {
    return { from: least, to: most };
  }
  return { from: Math.max(limits.from, roundDown(least, digits)), to: Math.min(limits.to, roundUp(most, digits)) };
}

/** Two digits say enough; three only where two leave less than half of the buckets, as in a narrow distribution. */
function bestEdges(rising: readonly number[], rules: BucketRules): { edges: number[]; digits: number } {
  const coarse = edgesOf(rising, rules, 2);
  const fine = edgesOf(rising, rules, 3);
  return 2 * coarse.length < Math.min(fine.length, rules.buckets - 1)
    ? { edges: fine, digits: 3 }
    : { edges: coarse, digits: 2 };
}

/**
 * Ranges of the values and how many fall into each: cut at rounded quantiles, finer at the top; rising, never
 * overlapping, the last one reaching the largest value.
 */
export function bucketsOf(values: readonly number[], rules: BucketRules): Bucket[] {
  const rising = [...values].sort((a, b) => a - b);
  const { edges, digits } = bestEdges(rising, rules);
  const positions = [0, ...edges.map((edge) => countBelow(rising, edge)), rising.length];
  return positions.slice(0, -1).map((start, index) => {
    const held = rising.slice(start, positions[index + 1]);
    const range = rangeOf(held, digits, rules.leastFiles, rules.limits);
    const end = (edges[index] ?? Number.POSITIVE_INFINITY) - rules.step;
    return { from: range.from, to: Math.min(range.to, end), count: held.length };
  });
}

/**
 * A range is filled evenly, so its mean lies in the middle: the far end is drawn in until that is the mean of the
 * source, so that both add up to the same.
 */
export function drawnIn({ from, to }: Range, mean: number): Range {
  return mean * 2 < from + to
    ? { from, to: Math.max(from, 2 * mean - from) }
    : { from: Math.min(to, 2 * mean - to), to };
}
