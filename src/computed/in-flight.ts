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
  const sent = records.filter(({ startMs }) => startMs !== null);
  const changes = sent.length + sent.filter(({ endMs }) => endMs !== null).length + 1;
  const tMs = new Float64Array(changes);
  const by = new Float64Array(changes);
  let filled = 1;
  for (const record of sent) {
    const startMs = record.startMs ?? 0;
    const weight = weightOf(record);
    tMs[filled] = startMs;
    by[filled] = weight;
    filled += 1;
    if (record.endMs !== null) {
      tMs[filled] = Math.max(startMs, record.endMs);
      by[filled] = -weight;
      filled += 1;
    }
  }
  return stepsOf(tMs, by);
}

/** One step for each time, whatever happened at it. */
function stepsOf(tMs: Float64Array, by: Float64Array): Series {
  const times = distinctOf(tMs);
  const values = new Float64Array(times.length);
  for (const [change, atMs] of tMs.entries()) {
    const step = firstAtOrAfter(times, atMs);
    values[step] = (values[step] ?? 0) + (by[change] ?? 0);
  }
  let count = 0;
  for (const [step, change] of values.entries()) {
    count += change;
    values[step] = count;
  }
  return { tMs: times, values };
}

/** Ascending, in place of a copy: `filter` would keep two million numbers as objects for a while. */
function distinctOf(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  let kept = 0;
  for (const value of sorted) {
    if (kept === 0 || value !== sorted[kept - 1]) {
      sorted[kept] = value;
      kept += 1;
    }
  }
  return sorted.slice(0, kept);
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
