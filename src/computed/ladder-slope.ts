import { createRandom } from '../base/random.ts';
import { median } from '../base/statistics.ts';
import type { LadderSlope, LoadUnit } from '../model/artifacts.ts';

/** What was in flight and the memory with it. */
export interface LadderPoint {
  x: number;
  bytes: number;
}

/** Fewer pairs have no interval worth its name. */
const bootstrapFrom = 8;
const draws = 1000;
const lowerShare = 0.025;
const superlinearTimes = 1.5;
const superlinearFrom = 4;

/**
 * Theil-Sen slope of memory over what is in flight (Sen, 1968): the median of all pairwise slopes. From 8 points on
 * with a 95 % interval by bootstrap over the pairs (Efron, 1979; percentiles of 1000 seeded draws), below that with
 * the range of the pairwise slopes. null below two points of different x.
 */
export function ladderSlope(unit: LoadUnit, points: readonly LadderPoint[]): LadderSlope | null {
  const slopes = pairSlopes(points);
  const bytes = median(slopes);
  if (bytes === null) {
    return null;
  }
  const range = { lowerBytes: Math.min(...slopes), upperBytes: Math.max(...slopes) };
  return {
    unit,
    bytes,
    ...(points.length >= bootstrapFrom ? bootstrap(points, unit) : range),
    points: points.length,
    isSuperlinear: isSuperlinear(points),
  };
}

function pairSlopes(points: readonly LadderPoint[]): number[] {
  return points.flatMap((a, index) =>
    points.slice(index + 1).flatMap((b) => (a.x === b.x ? [] : [(b.bytes - a.bytes) / (b.x - a.x)])),
  );
}

/** Draws whole points with replacement; a draw of one point alone has no slope and is left out. */
function bootstrap(points: readonly LadderPoint[], unit: LoadUnit): Pick<LadderSlope, 'lowerBytes' | 'upperBytes'> {
  const random = createRandom(`ladder/${unit}`);
  const slopes = Array.from({ length: draws }, () =>
    median(pairSlopes(points.map(() => points[random.below(points.length)] as LadderPoint))),
  )
    .filter((slope) => slope !== null)
    .sort((a, b) => a - b);
  const at = (share: number): number => slopes[Math.round(share * (slopes.length - 1))] ?? Number.NaN;
  return { lowerBytes: at(lowerShare), upperBytes: at(1 - lowerShare) };
}

/** The top half rises more than 1.5 times as steeply as the bottom half; the middle point belongs to both. */
function isSuperlinear(points: readonly LadderPoint[]): boolean {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const middle = sorted.length >> 1;
  const bottom = median(pairSlopes(sorted.slice(0, middle + 1)));
  const top = median(pairSlopes(sorted.slice(sorted.length % 2 === 1 ? middle : middle - 1)));
  return (
    points.length >= superlinearFrom && bottom !== null && top !== null && bottom > 0 && top > superlinearTimes * bottom
  );
}
