import { median } from './statistics.ts';

/** A line that is drawn. `null` is a gap. Times in ms. */
export interface DecimatedLine {
  tMs: number[];
  values: (number | null)[];
}

/** A bucket may need its lowest, its highest and a gap. */
const pointsPerBucket = 3;
/** A pause of this many usual steps is a gap, not a line. */
const gapSteps = 5;

interface Point {
  tMs: number;
  value: number;
}

/**
 * At most `maxPoints` points: the lowest and the highest of each bucket, in their order, so that
 * no peak is lost. A bucket never spans one of `edgesMs`; gaps (NaN, or a long pause) stay gaps.
 */
export function decimate(
  line: { tMs: ArrayLike<number>; values: ArrayLike<number> },
  maxPoints: number,
  edgesMs: readonly number[] = [],
): DecimatedLine {
  const points = withPauses(line);
  if (points.length <= maxPoints) {
    return asLine(points);
  }
  const segments = splitAt(points, edgesMs);
  const buckets = Math.max(segments.length, Math.floor(maxPoints / pointsPerBucket));
  const shared = buckets - segments.length;
  return asLine(
    segments.flatMap((segment) => {
      const count = 1 + Math.floor((shared * segment.length) / points.length);
      return bucketsOf(segment, count).flatMap(extremes);
    }),
  );
}

function withPauses(line: { tMs: ArrayLike<number>; values: ArrayLike<number> }): Point[] {
  const steps: number[] = [];
  for (let index = 1; index < line.tMs.length; index += 1) {
    steps.push((line.tMs[index] ?? 0) - (line.tMs[index - 1] ?? 0));
  }
  const longestStepMs = (median(steps) ?? 0) * gapSteps;
  const points: Point[] = [];
  for (let index = 0; index < line.tMs.length; index += 1) {
    const tMs = line.tMs[index] ?? 0;
    const step = steps[index - 1];
    if (step !== undefined && longestStepMs > 0 && step > longestStepMs) {
      points.push({ tMs: tMs - step / 2, value: Number.NaN });
    }
    points.push({ tMs, value: line.values[index] ?? Number.NaN });
  }
  return points;
}

function splitAt(points: readonly Point[], edgesMs: readonly number[]): Point[][] {
  const edges = [...edgesMs].sort((a, b) => a - b);
  const segments: Point[][] = [];
  let edge = 0;
  let current: Point[] = [];
  for (const point of points) {
    while (edge < edges.length && point.tMs >= (edges[edge] ?? Number.POSITIVE_INFINITY)) {
      edge += 1;
      if (current.length > 0) {
        segments.push(current);
        current = [];
      }
    }
    current.push(point);
  }
  return current.length > 0 ? [...segments, current] : segments;
}

function bucketsOf(segment: readonly Point[], count: number): Point[][] {
  const startMs = segment[0]?.tMs ?? 0;
  const spanMs = Math.max((segment.at(-1)?.tMs ?? 0) - startMs, Number.MIN_VALUE);
  const buckets: Point[][] = Array.from({ length: count }, () => []);
  for (const point of segment) {
    buckets[Math.min(count - 1, Math.floor(((point.tMs - startMs) / spanMs) * count))]?.push(point);
  }
  return buckets;
}

function extremes(bucket: readonly Point[]): Point[] {
  let low: Point | null = null;
  let high: Point | null = null;
  let gap: Point | null = null;
  for (const point of bucket) {
    if (Number.isNaN(point.value)) {
      gap ??= point;
      continue;
    }
    low = low === null || point.value < low.value ? point : low;
    high = high === null || point.value > high.value ? point : high;
  }
  return [...new Set([low, high, gap])].filter((point) => point !== null).sort((a, b) => a.tMs - b.tMs);
}

function asLine(points: readonly Point[]): DecimatedLine {
  return {
    tMs: points.map((point) => point.tMs),
    values: points.map((point) => (Number.isNaN(point.value) ? null : point.value)),
  };
}
