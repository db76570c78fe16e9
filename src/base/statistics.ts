const ascending = (a: number, b: number): number => a - b;

/** Values that are not NaN, ascending. */
export function sortedFinite(values: Iterable<number>): number[] {
  return Array.from(sortedValues(values));
}

/** Sorts numbers as such: a call for each pair is what takes the time with a million of them. */
function sortedValues(values: Iterable<number>): Float64Array {
  const sorted = (
    Array.isArray(values) || values instanceof Float64Array ? new Float64Array(values) : Float64Array.from(values)
  ).sort();
  // NaN is sorted behind all others.
  const first = Number.isNaN(sorted.at(-1)) ? sorted.findIndex((value) => Number.isNaN(value)) : -1;
  return first < 0 ? sorted : sorted.subarray(0, first);
}

/**
 * null without values; NaN is left out. Not `Math.max(...values)`: a call has no room for the requests of an hour as
 * arguments.
 */
export function largest(values: Iterable<number>): number | null {
  let most: number | null = null;
  for (const value of values) {
    if (most === null ? !Number.isNaN(value) : value > most) {
      most = value;
    }
  }
  return most;
}

/** The same for the least. */
export function smallest(values: Iterable<number>): number | null {
  let least: number | null = null;
  for (const value of values) {
    if (least === null ? !Number.isNaN(value) : value < least) {
      least = value;
    }
  }
  return least;
}

/** Middle value, or the mean of the two middle ones; null without values. NaN is left out. */
export function median(values: Iterable<number>): number | null {
  const sorted = sortedValues(values);
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined) {
    return null;
  }
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? upper) + upper) / 2;
}

/** Median absolute deviation x 1.4826, so that it estimates a standard deviation; null without values. */
export function mad(values: Iterable<number>): number | null {
  const kept = sortedFinite(values);
  const centre = median(kept);
  const spread = centre === null ? null : median(kept.map((value) => Math.abs(value - centre)));
  return spread === null ? null : 1.4826 * spread;
}

/** Nearest rank (PROTOCOL 17.1): always a value that was measured. `ratio` in 0..1; null without values. NaN is left out. */
export function quantile(values: Iterable<number>, ratio: number): number | null {
  return quantileOfSorted(sortedValues(values), ratio);
}

/** The same of what `sortedFinite` gave. */
export function quantileOfSorted(sorted: ArrayLike<number>, ratio: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * ratio) - 1))] ?? null;
}

/** A line through points whose x rise. Slopes are in units of y per unit of x. */
export interface LineFit {
  points: number;
  slope: number;
  lowerSlope: number;
  upperSlope: number;
  intercept: number;
  midX: number;
  lastX: number;
}

/** More points than this cost time and add nothing: pairs grow with the square. */
const maxFitPoints = 120;

/**
 * Theil-Sen: the median of all pairwise slopes, with the interval of Sen (1968), widened for
 * residuals that follow one another: by sqrt((1 + r) / (1 - r)), r = their lag-1 autocorrelation,
 * corrected for its bias in short series.
 * `z` is the normal quantile of the interval: 1.96 for 95 %, 2.326 for 98 %. null below 3 usable points.
 */
export function theilSen(xs: ArrayLike<number>, ys: ArrayLike<number>, z = 1.96): LineFit | null {
  const points = usablePoints(xs, ys);
  const slopes: number[] = [];
  for (const [index, [x, y]] of points.entries()) {
    for (const [otherX, otherY] of points.slice(index + 1)) {
      if (otherX > x) {
        slopes.push((otherY - y) / (otherX - x));
      }
    }
  }
  slopes.sort(ascending);
  const slope = median(slopes);
  const intercept = slope === null ? null : median(points.map(([x, y]) => y - slope * x));
  const first = points[0];
  const last = points.at(-1);
  if (points.length < 3 || slope === null || intercept === null || first === undefined || last === undefined) {
    return null;
  }
  const n = points.length;
  const r = serialCorrelation(points.map(([x, y]) => y - intercept - slope * x));
  const half = z * Math.sqrt((1 + r) / (1 - r)) * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const ranked = (rank: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))] ?? slope;
  return {
    points: n,
    slope,
    lowerSlope: ranked((slopes.length - half) / 2),
    upperSlope: ranked((slopes.length + half) / 2 + 1),
    intercept,
    midX: (first[0] + last[0]) / 2,
    lastX: last[0],
  };
}

function usablePoints(xs: ArrayLike<number>, ys: ArrayLike<number>): [number, number][] {
  const all: [number, number][] = [];
  for (let index = 0; index < xs.length; index += 1) {
    const x = xs[index] ?? Number.NaN;
    const y = ys[index] ?? Number.NaN;
    if (!Number.isNaN(x) && !Number.isNaN(y)) {
      all.push([x, y]);
    }
  }
  if (all.length <= maxFitPoints) {
    return all;
  }
  const step = (all.length - 1) / (maxFitPoints - 1);
  return Array.from({ length: maxFitPoints }, (_, index) => all[Math.round(index * step)] as [number, number]);
}

function serialCorrelation(residuals: readonly number[]): number {
  const n = residuals.length;
  const mean = residuals.reduce((sum, value) => sum + value, 0) / n;
  let square = 0;
  let product = 0;
  for (const [index, value] of residuals.entries()) {
    square += (value - mean) ** 2;
    const next = residuals[index + 1];
    product += next === undefined ? 0 : (value - mean) * (next - mean);
  }
  const r = square === 0 ? 0 : Math.max(0, product / square);
  return Math.min(0.98, r + (1 + 4 * r) / n);
}
