import type { Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { answered } from './latency.ts';

/** Planned and answered requests per second, in buckets of `bucketMs`. */
export function rates(
  records: readonly RequestRecord[],
  bucketMs: number,
  endMs: number,
): { offered: Series; achieved: Series } {
  return {
    offered: perSecond(
      records.map((record) => record.plannedMs),
      bucketMs,
      endMs,
    ),
    achieved: perSecond(
      answered(records).map((record) => record.endMs),
      bucketMs,
      endMs,
    ),
  };
}

function perSecond(timesMs: readonly number[], bucketMs: number, endMs: number): Series {
  const counts = new Float64Array(Math.max(1, Math.ceil(endMs / bucketMs)));
  for (const tMs of timesMs) {
    const index = Math.floor(tMs / bucketMs);
    if (index < counts.length) {
      counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  return {
    tMs: counts.map((_, index) => (index + 0.5) * bucketMs),
    // The last bucket may be cut short by the end of the run.
    values: counts.map((count, index) => (count * 1000) / Math.max(1, Math.min(bucketMs, endMs - index * bucketMs))),
  };
}

/** Requests per second of one stage; null for a stage without length. */
export function rateIn(timesMs: readonly number[], startMs: number, endMs: number): number | null {
  const count = timesMs.filter((tMs) => tMs >= startMs && tMs < endMs).length;
  return endMs > startMs ? (count * 1000) / (endMs - startMs) : null;
}
