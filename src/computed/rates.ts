import type { Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { answeredMs } from './latency.ts';

/** Planned and answered requests per second, in buckets of `bucketMs`. */
export function rates(
  records: readonly RequestRecord[],
  bucketMs: number,
  endMs: number,
): { offered: Series; achieved: Series } {
  return {
    offered: perSecond(plannedMs(records), bucketMs, endMs),
    achieved: perSecond(answeredMs(records), bucketMs, endMs),
  };
}

/** When each was planned, one at a time: a list of a million times would be garbage. */
export function* plannedMs(records: readonly RequestRecord[]): Iterable<number> {
  for (const record of records) {
    yield record.plannedMs;
  }
}

function perSecond(timesMs: Iterable<number>, bucketMs: number, endMs: number): Series {
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
export function rateIn(timesMs: Iterable<number>, startMs: number, endMs: number): number | null {
  let count = 0;
  for (const tMs of timesMs) {
    count += tMs >= startMs && tMs < endMs ? 1 : 0;
  }
  return endMs > startMs ? (count * 1000) / (endMs - startMs) : null;
}
