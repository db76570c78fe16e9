import { quantile, sortedFinite } from '../base/statistics.ts';
import type { Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import type { LatencySummary } from '../model/result.ts';

/** Answered requests only: a request that failed early would make the rest look fast. */
export function answered(records: readonly RequestRecord[]): (RequestRecord & { endMs: number })[] {
  return records.filter(
    (record): record is RequestRecord & { endMs: number } => record.outcome === 'ok' && record.endMs !== null,
  );
}

/** From planned time, so that waiting for a slow target counts. */
export function latency(records: readonly RequestRecord[]): LatencySummary {
  return summary(answered(records).map((record) => record.endMs - record.plannedMs));
}

/** From sent time: what the target alone took. */
export function service(records: readonly RequestRecord[]): LatencySummary {
  return summary(answered(records).flatMap(({ startMs, endMs }) => (startMs === null ? [] : [endMs - startMs])));
}

function summary(valuesMs: readonly number[]): LatencySummary {
  const sorted = sortedFinite(valuesMs);
  return {
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1) ?? null,
  };
}

/** 95th percentile of what was planned in each bucket and answered; NaN where nothing was. */
export function latencyP95(records: readonly RequestRecord[], bucketMs: number, endMs: number): Series {
  const buckets: number[][] = Array.from({ length: Math.max(1, Math.ceil(endMs / bucketMs)) }, () => []);
  for (const record of answered(records)) {
    buckets[Math.floor(record.plannedMs / bucketMs)]?.push(record.endMs - record.plannedMs);
  }
  return {
    tMs: Float64Array.from(buckets, (_, index) => (index + 0.5) * bucketMs),
    values: Float64Array.from(buckets, (values) => quantile(values, 0.95) ?? Number.NaN),
  };
}

/** Start minus planned of open rows: in a closed stage a row is planned when its slot is free. */
export function dispatchLatenessMs(records: readonly RequestRecord[]): readonly number[] {
  return records.flatMap(({ slot, startMs, plannedMs }) =>
    slot === null && startMs !== null ? [startMs - plannedMs] : [],
  );
}
