import { median } from '../base/statistics.ts';
import type { Series } from '../model/artifacts.ts';
import type { SampleScope } from '../model/probe.ts';
import type { SampleTable } from '../model/samples.ts';

export const emptySeries: Series = { tMs: new Float64Array(0), values: new Float64Array(0) };

export function hasValues(series: Series | null): series is Series {
  return series?.values.some((value) => !Number.isNaN(value)) ?? false;
}

/** Samples in [fromMs, toMs). */
export function between(series: Series, fromMs: number, toMs: number): Series {
  const from = firstAtOrAfter(series.tMs, fromMs);
  const to = firstAtOrAfter(series.tMs, toMs);
  return { tMs: series.tMs.subarray(from, to), values: series.values.subarray(from, to) };
}

export function firstAtOrAfter(tMs: Float64Array, atMs: number): number {
  let low = 0;
  let high = tMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tMs[middle] ?? 0) < atMs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The last value at or before `atMs` that is no older than `maxAgeMs`; null if there is none. */
export function valueAt(series: Series, atMs: number, maxAgeMs: number): number | null {
  for (let index = firstAtOrAfter(series.tMs, atMs + 1e-6) - 1; index >= 0; index -= 1) {
    if (atMs - (series.tMs[index] ?? 0) > maxAgeMs) {
      return null;
    }
    const value = series.values[index] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      return value;
    }
  }
  return null;
}

export function maximum(series: Series): { value: number; tMs: number } | null {
  let best: { value: number; tMs: number } | null = null;
  for (const [index, value] of series.values.entries()) {
    if (!Number.isNaN(value) && (best === null || value > best.value)) {
      best = { value, tMs: series.tMs[index] ?? 0 };
    }
  }
  return best;
}

export function mapSeries(series: Series, map: (value: number, index: number) => number): Series {
  return { tMs: series.tMs, values: series.values.map(map) };
}

/**
 * The values of `series` at exactly the times of `tMs`; NaN where it has none. Readings of a tick share its time.
 * They are the series' own where its times are the same array.
 */
export function alignTo(tMs: Float64Array, series: Series | null): Float64Array {
  if (series?.tMs === tMs) {
    return series.values;
  }
  const aligned = new Float64Array(tMs.length).fill(Number.NaN);
  let index = 0;
  for (const [position, atMs] of tMs.entries()) {
    while (series !== null && index < series.tMs.length && (series.tMs[index] ?? 0) < atMs) {
      index += 1;
    }
    if (series?.tMs[index] === atMs) {
      aligned[position] = series.values[index] ?? Number.NaN;
    }
  }
  return aligned;
}

/** Sum over all instances of a metric at the times of `tMs`; NaN where none was read. */
export function sumAt(samples: SampleTable, tMs: Float64Array, scope: SampleScope, metric: string): Float64Array {
  const total = new Float64Array(tMs.length).fill(Number.NaN);
  for (const instance of samples.instances(scope, metric)) {
    for (const [index, value] of alignTo(tMs, samples.series(scope, instance, metric)).entries()) {
      if (!Number.isNaN(value)) {
        total[index] = Number.isNaN(total[index] ?? Number.NaN) ? value : (total[index] ?? 0) + value;
      }
    }
  }
  return total;
}

/** Usual distance of samples in ms; null below two. */
export function usualStepMs(series: Series): number | null {
  return median(series.tMs.subarray(1).map((tMs, index) => tMs - (series.tMs[index] ?? 0)));
}

/** Rises of a counter between neighbouring readings; a fall is a restart, not a negative rise. */
export function risesOf(series: Series): { tMs: number; rise: number }[] {
  const rises: { tMs: number; rise: number }[] = [];
  let before = Number.NaN;
  for (const [index, value] of series.values.entries()) {
    if (Number.isNaN(value)) {
      continue;
    }
    if (value > before) {
      rises.push({ tMs: series.tMs[index] ?? 0, rise: value - before });
    }
    before = value;
  }
  return rises;
}
