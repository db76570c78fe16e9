import type { LatencyCurve } from '../../model/result.ts';

/**
 * Mean = integral of the quantile function over 0..1. Between two points it rises from one to the other, so the left
 * and right sums bound it; the middle of both is the trapezoid rule.
 */
export function meanOf({ points }: LatencyCurve, maxMs: number): { ms: number; lowestMs: number; highestMs: number } {
  let lowestMs = 0;
  let highestMs = 0;
  points.forEach(({ ratio, ms }, index) => {
    const next = points[index + 1] ?? { ratio: 1, ms: maxMs };
    lowestMs += (next.ratio - ratio) * ms;
    highestMs += (next.ratio - ratio) * next.ms;
  });
  return { ms: (lowestMs + highestMs) / 2, lowestMs, highestMs };
}
