import { quantileOfSorted } from '../base/statistics.ts';
import type { Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import type { LatencySummary } from '../model/result.ts';

/** Answered requests only: a request that failed early would make the rest look fast. */
export function answered(records: readonly RequestRecord[]): (RequestRecord & { endMs: number })[] {
  return records.filter(
    (record): record is RequestRecord & { endMs: number } => record.outcome === 'ok' && record.endMs !== null,
  );
}

/** When each was answered, one at a time: a list of a million times would be garbage. */
export function* answeredMs(records: readonly RequestRecord[]): Iterable<number> {
  for (const { outcome, endMs } of records) {
    if (outcome === 'ok' && endMs !== null) {
      yield endMs;
    }
  }
}

/** From planned time, so that waiting for a slow target counts (PROTOCOL 5.2). */
export function latency(records: readonly RequestRecord[]): LatencySummary {
  return summary(sortedTookMs(records, ({ plannedMs }) => plannedMs));
}

/** From sent time: what the target alone took. */
export function service(records: readonly RequestRecord[]): LatencySummary {
  return summary(sortedTookMs(records, ({ startMs }) => startMs));
}

/** Of answered requests, ascending, in one array: a million small ones would be garbage. */
function sortedTookMs(records: readonly RequestRecord[], from: (record: RequestRecord) => number | null): Float64Array {
  const values = new Float64Array(records.length);
  let count = 0;
  for (const record of records) {
    const fromMs = record.outcome === 'ok' ? from(record) : null;
    const tookMs = fromMs === null || record.endMs === null ? Number.NaN : record.endMs - fromMs;
    if (!Number.isNaN(tookMs)) {
      values[count] = tookMs;
      count += 1;
    }
  }
  return values.subarray(0, count).sort();
}

function summary(sortedMs: Float64Array): LatencySummary {
  return {
    p50: quantileOfSorted(sortedMs, 0.5),
    p95: quantileOfSorted(sortedMs, 0.95),
    p99: quantileOfSorted(sortedMs, 0.99),
    max: sortedMs.at(-1) ?? null,
  };
}

/**
 * Of the requests that were planned in each of `count` buckets and answered, how long they took from planned time,
 * ascending. All buckets are parts of one array.
 */
export function latenciesByBucket(
  records: readonly RequestRecord[],
  bucketMs: number,
  count: number,
): readonly Float64Array[] {
  const answers = new Uint32Array(count);
  eachAnswer(records, bucketMs, (bucket) => {
    answers[bucket] = (answers[bucket] ?? 0) + 1;
  });
  let total = 0;
  const places = answers.map((ofBucket) => {
    total += ofBucket;
    return total - ofBucket;
  });
  const valuesMs = new Float64Array(total);
  eachAnswer(records, bucketMs, (bucket, tookMs) => {
    const place = places[bucket];
    if (place !== undefined) {
      valuesMs[place] = tookMs;
      places[bucket] = place + 1;
    }
  });
  // Each place has moved from the begin of its bucket to the end.
  return Array.from(places, (end, bucket) => valuesMs.subarray(end - (answers[bucket] ?? 0), end).sort());
}

function eachAnswer(
  records: readonly RequestRecord[],
  bucketMs: number,
  onAnswer: (bucket: number, tookMs: number) => void,
): void {
  for (const { outcome, plannedMs, endMs } of records) {
    if (outcome === 'ok' && endMs !== null) {
      onAnswer(Math.floor(plannedMs / bucketMs), endMs - plannedMs);
    }
  }
}

/** Percentiles of what was planned in each bucket and answered; NaN where nothing was. */
export function latencyOverTime(
  records: readonly RequestRecord[],
  bucketMs: number,
  endMs: number,
): Record<'latencyP50' | 'latencyP95' | 'latencyP99', Series> {
  const sorted = latenciesByBucket(records, bucketMs, Math.max(1, Math.ceil(endMs / bucketMs)));
  const tMs = Float64Array.from(sorted, (_, index) => (index + 0.5) * bucketMs);
  const at = (q: number): Series => ({
    tMs,
    values: Float64Array.from(sorted, (values) => quantileOfSorted(values, q) ?? Number.NaN),
  });
  return { latencyP50: at(0.5), latencyP95: at(0.95), latencyP99: at(0.99) };
}

/** Start minus planned of open rows (PROTOCOL 5.3): in a closed stage a row is planned when its slot is free. */
export function dispatchLatenessMs(records: readonly RequestRecord[]): readonly number[] {
  const lateness: number[] = [];
  for (const { slot, startMs, plannedMs } of records) {
    if (slot === null && startMs !== null) {
      lateness.push(startMs - plannedMs);
    }
  }
  return lateness;
}
