import type { Series } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { firstAtOrAfter } from './series.ts';

/**
 * Requests sent and not yet over, each counted as `weightOf` says, as a step function: a value holds until the next
 * one. Starts with 0 at 0.
 */
export function inFlight(
  records: readonly RequestRecord[],
  weightOf: (record: RequestRecord) => number = () => 1,
): Series {
  const tMs = changeTimes(records);
  const values = new Float64Array(tMs.length);
  const add = (atMs: number, weight: number): void => {
    const step = firstAtOrAfter(tMs, atMs);
    values[step] = (values[step] ?? 0) + weight;
  };
  for (const record of records) {
    const { startMs, endMs } = record;
    if (startMs !== null) {
      const weight = weightOf(record);
      add(startMs, weight);
      if (endMs !== null) {
        add(Math.max(startMs, endMs), -weight);
      }
    }
  }
  for (let step = 1; step < values.length; step += 1) {
    values[step] = (values[step] ?? 0) + (values[step - 1] ?? 0);
  }
  return { tMs, values };
}

/** 0 and every time at which a request began or ended, once: counted first, so that millions of times lie there once. */
function changeTimes(records: readonly RequestRecord[]): Float64Array {
  let count = 1;
  for (const { startMs, endMs } of records) {
    count += startMs === null ? 0 : endMs === null ? 1 : 2;
  }
  const tMs = new Float64Array(count);
  let filled = 1;
  for (const { startMs, endMs } of records) {
    if (startMs !== null) {
      tMs[filled] = startMs;
      filled += 1;
      if (endMs !== null) {
        tMs[filled] = Math.max(startMs, endMs);
        filled += 1;
      }
    }
  }
  return distinct(tMs.sort());
}

/** In place: `filter` would keep two million numbers as objects for a while. */
function distinct(sorted: Float64Array): Float64Array {
  let kept = 0;
  for (const value of sorted) {
    if (kept === 0 || value !== sorted[kept - 1]) {
      sorted[kept] = value;
      kept += 1;
    }
  }
  return sorted.subarray(0, kept);
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
