import type { Series, StageWindow } from '../model/artifacts.ts';
import { between } from './series.ts';
import { firstLoadMs, type QuietWindow } from './stages.ts';

/**
 * How often memory, at rest, rose by at least `leastBytes` and gave at least as much back, as between two collections
 * of garbage. A fall counts at once or at the next rest; one with which something died or was started anew does not.
 */
export function fallbacks(
  total: Series,
  rests: readonly Pick<QuietWindow, 'startMs' | 'endMs'>[],
  leastBytes: number,
  deathsMs: readonly number[],
): number {
  let count = 0;
  let isRisen = false;
  let high = Number.NaN;
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (const { startMs, endMs } of rests) {
    let low = Number.POSITIVE_INFINITY;
    const part = between(total, startMs, endMs);
    for (const [index, bytes] of part.values.entries()) {
      const tMs = part.tMs[index] ?? 0;
      if (Number.isNaN(bytes)) {
        continue;
      }
      const isDeath = deathsMs.some((deathMs) => deathMs > beforeMs && deathMs <= tMs);
      beforeMs = tMs;
      if (isRisen && (isDeath || high - bytes >= leastBytes)) {
        count += Number(!isDeath);
        isRisen = false;
        low = bytes;
      }
      low = isDeath ? bytes : Math.min(low, bytes);
      high = isRisen ? Math.max(high, bytes) : bytes;
      isRisen ||= bytes - low >= leastBytes;
    }
  }
  return count;
}

/** All time with nothing in flight: before the first load, and each quiet time after it less its first moments. */
export function rests(
  stages: readonly StageWindow[],
  quiet: readonly QuietWindow[],
  settleMs: number,
): { startMs: number; endMs: number }[] {
  const loadMs = firstLoadMs(stages);
  const firstMs = stages[0]?.startMs ?? 0;
  return [
    ...(loadMs === null ? [] : [{ startMs: firstMs, endMs: loadMs }]),
    ...quiet.map(({ startMs, endMs }) => ({ startMs: startMs + settleMs, endMs })),
  ];
}
