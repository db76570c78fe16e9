import { type LineFit, theilSen } from '../base/statistics.ts';
import type { Series } from '../model/artifacts.ts';

const millisecondsPerSecond = 1000;

/** Slopes in bytes per second. */
export interface Growth {
  bytesPerSecond: number;
  lowerBytesPerSecond: number;
  upperBytesPerSecond: number;
  samples: number;
  fit: LineFit;
}

/** Theil-Sen over a part of a run; null below 3 samples. `z`: 1.96 for 95 %, 2.326 for 98 %. */
export function growth(series: Series, z = 1.96): Growth | null {
  const fit = theilSen(series.tMs, series.values, z);
  return fit === null
    ? null
    : {
        bytesPerSecond: fit.slope * millisecondsPerSecond,
        lowerBytesPerSecond: fit.lowerSlope * millisecondsPerSecond,
        upperBytesPerSecond: fit.upperSlope * millisecondsPerSecond,
        samples: fit.points,
        fit,
      };
}

const recentMs = 60_000;
const minimumSamples = 12;

/**
 * Growth over the last minute (times the profile's scale) before `endMs`, not reaching back before
 * `notBeforeMs`, where another load may have been, unless fewer than 12 samples lie in between.
 * null with fewer than 12 samples: their interval would say nothing.
 */
export function growthBefore(series: Series, endMs: number, notBeforeMs: number, scale: number): Growth | null {
  const upTo = [...series.values.keys()].filter(
    (index) => !Number.isNaN(series.values[index] ?? Number.NaN) && (series.tMs[index] ?? 0) <= endMs,
  );
  const fromMs = Math.max(notBeforeMs, endMs - recentMs * scale);
  const inside = upTo.filter((index) => (series.tMs[index] ?? 0) >= fromMs);
  const used = inside.length >= minimumSamples ? inside : upTo.slice(-minimumSamples);
  return used.length < minimumSamples
    ? null
    : growth({
        tMs: Float64Array.from(used, (index) => series.tMs[index] ?? 0),
        values: Float64Array.from(used, (index) => series.values[index] ?? Number.NaN),
      });
}

/**
 * ETA(s) = (L - y_mid) / s - (t_now - t_mid), in ms; the pivot is the middle of the window, where the
 * line is known best. `lowerMs` uses the steepest slope that the interval allows. null = no growth.
 */
export function timeToLimit(fit: LineFit, limitBytes: number): { etaMs: number | null; lowerMs: number | null } {
  const middle = fit.intercept + fit.slope * fit.midX;
  const eta = (slope: number): number | null =>
    slope <= 0 ? null : Math.max(0, (limitBytes - middle) / slope - (fit.lastX - fit.midX));
  // A line that may as well fall has no time to the limit.
  return { etaMs: fit.lowerSlope > 0 ? eta(fit.slope) : null, lowerMs: eta(fit.upperSlope) };
}

/** Whether a rise is spread over its window: at most half of it in one step, as when something loads. */
export function isSustained(series: Series): boolean {
  const values = series.values.filter((value) => !Number.isNaN(value));
  const rise = (values.at(-1) ?? 0) - (values[0] ?? 0);
  let largestStep = 0;
  for (let index = 1; index < values.length; index += 1) {
    largestStep = Math.max(largestStep, (values[index] ?? 0) - (values[index - 1] ?? 0));
  }
  return rise > 0 && largestStep <= 0.5 * rise;
}
