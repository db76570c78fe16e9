import { quantileOfSorted, sortedFinite } from '../base/statistics.ts';
import type { Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import type { LatencySummary } from '../model/result.ts';

/** Answered requests only: a request that failed early would make the rest look fast. */
export function answered(records: readonly RequestRecord[]): (RequestRecord & { endMs: number })[] {
  return records.filter(
    (record): record is RequestRecord & { endMs: number } => record.outcome === 'ok' && record.endMs !== null,
  );
}

/** From planned time, so that waiting for a slow target counts (PROTOCOL 5.2). */
export function latency(records: readonly RequestRecord[]): LatencySummary {
  return summary(tookMs(records, ({ plannedMs }) => plannedMs));
}

/** From sent time: what the target alone took. */
export function service(records: readonly RequestRecord[]): LatencySummary {
  return summary(tookMs(records, ({ startMs }) => startMs));
}

/** Of answered requests, in one array: a million small ones would be garbage. */
function tookMs(records: readonly RequestRecord[], from: (record: RequestRecord) => number | null): Float64Array {
  const values = new Float64Array(records.length);
  let count = 0;
  for (const record of records) {
    const fromMs = record.outcome === 'ok' ? from(record) : null;
    if (fromMs !== null && record.endMs !== null) {
      values[count] = record.endMs - fromMs;
      count += 1;
    }
  }
  return values.subarray(0, count);
}

function summary(valuesMs: Iterable<number>): LatencySummary {
  const sorted = sortedFinite(valuesMs);
  return {
    p50: quantileOfSorted(sorted, 0.5),
    p95: quantileOfSorted(sorted, 0.95),
    p99: quantileOfSorted(sorted, 0.99),
    max: sorted.at(-1) ?? null,
  };
}

/** Percentiles of what was planned in each bucket and answered; NaN where nothing was. */
export function latencyOverTime(
  records: readonly RequestRecord[],
  bucketMs: number,
  endMs: number,
): Record<'latencyP50' | 'latencyP95' | 'latencyP99', Series> {
  const buckets: number[][] = Array.from({ length: Math.max(1, Math.ceil(endMs / bucketMs)) }, () => []);
  for (const record of answered(records)) {
    buckets[Math.floor(record.plannedMs / bucketMs)]?.push(record.endMs - record.plannedMs);
  }
  const sorted = buckets.map((values) => sortedFinite(values));
  const tMs = Float64Array.from(buckets, (_, index) => (index + 0.5) * bucketMs);
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
