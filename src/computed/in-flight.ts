import type { Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';

/**
 * Requests sent and not yet over, each counted as `weightOf` says, as a step function: a value holds until the next
 * one. Starts with 0 at 0.
 */
export function inFlight(
  records: readonly RequestRecord[],
  weightOf: (record: RequestRecord) => number = () => 1,
): Series {
  const changes = new Map<number, number>([[0, 0]]);
  const change = (tMs: number, by: number): void => {
    changes.set(tMs, (changes.get(tMs) ?? 0) + by);
  };
  for (const record of records) {
    const { startMs, endMs } = record;
    if (startMs !== null) {
      const weight = weightOf(record);
      change(startMs, weight);
      if (endMs !== null) {
        change(Math.max(startMs, endMs), -weight);
      }
    }
  }
  const sorted = [...changes].sort(([a], [b]) => a - b);
  const series = { tMs: new Float64Array(sorted.length), values: new Float64Array(sorted.length) };
  let count = 0;
  for (const [index, [tMs, by]] of sorted.entries()) {
    count += by;
    series.tMs[index] = tMs;
    series.values[index] = count;
  }
  return series;
}

/** The value of a step function. */
export function stepAt(series: Series, tMs: number): number {
  let low = 0;
  let high = series.tMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series.tMs[middle] ?? 0) <= tMs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return series.values[low - 1] ?? 0;
}
