import { type LineFit, mad, median, theilSen } from '../base/statistics.ts';
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

/** A minute of load, times the profile's scale: less is still its beginning (PROTOCOL 16.1). */
export const recentMs = 60_000;
const minimumSamples = 12;

/**
 * The last minute (times the profile's scale) before `endMs`, not reaching back before `notBeforeMs`, where another
 * load may have been, unless fewer than 12 samples lie in between. null with fewer than 12 samples.
 */
export function windowBefore(series: Series, endMs: number, notBeforeMs: number, scale: number): Series | null {
  const upTo = [...series.values.keys()].filter(
    (index) => !Number.isNaN(series.values[index] ?? Number.NaN) && (series.tMs[index] ?? 0) <= endMs,
  );
  const fromMs = Math.max(notBeforeMs, endMs - recentMs * scale);
  const inside = upTo.filter((index) => (series.tMs[index] ?? 0) >= fromMs);
  const used = inside.length >= minimumSamples ? inside : upTo.slice(-minimumSamples);
  return used.length < minimumSamples
    ? null
    : {
        tMs: Float64Array.from(used, (index) => series.tMs[index] ?? 0),
        values: Float64Array.from(used, (index) => series.values[index] ?? Number.NaN),
      };
}

/** Growth over that window; null with fewer than 12 samples: their interval would say nothing. */
export function growthBefore(series: Series, endMs: number, notBeforeMs: number, scale: number): Growth | null {
  const window = windowBefore(series, endMs, notBeforeMs, scale);
  return window === null ? null : growth(window);
}

const notableBytes = 16 * 1024 ** 2;
const notableRatio = 0.02;
const noiseTimes = 3;
const lateTimes = 0.5;

/**
 * Why a series is no rise that may be carried on, by the gates of the leak rule; null: it is one. The rise passes
 * max(16 MiB, 2 % of the level, 3 x the spread around its line), goes on in the later half at no less than half of
 * the pace before, and is no single step.
 */
export function whyNoTrend(series: Series): string | null {
  const line = growth(series);
  const first = series.tMs.at(0);
  const last = series.tMs.at(-1);
  if (line === null || first === undefined || last === undefined || line.samples < minimumSamples) {
    return `fewer than ${minimumSamples} samples of memory`;
  }
  const { slope, intercept } = line.fit;
  const spread = mad(series.values.map((value, index) => value - intercept - slope * (series.tMs[index] ?? 0))) ?? 0;
  const level = median(series.values) ?? 0;
  const rise = slope * (last - first);
  if (line.lowerBytesPerSecond <= 0 || rise <= Math.max(notableBytes, notableRatio * level, noiseTimes * spread)) {
    return 'memory did not rise beyond its own noise';
  }
  if (!isSustained(series)) {
    return 'memory rose in a single step, as when something loads';
  }
  const half = (from: number, to: number): number =>
    growth({ tMs: series.tMs.subarray(from, to), values: series.values.subarray(from, to) })?.bytesPerSecond ?? 0;
  const middle = series.tMs.length >> 1;
  const late = half(middle, series.tMs.length);
  return late > 0 && late >= lateTimes * half(0, middle) ? null : 'the rise was already levelling off';
}

/**
 * ETA(s) = (L - y_mid) / s - (t_now - t_mid), in ms (PROTOCOL 17.1); the pivot is the middle of the window, where the
 * line is known best. `lowerMs` uses the steepest slope that the interval allows, `upperMs` the flattest.
 * null = no growth.
 */
export function timeToLimit(
  fit: LineFit,
  limitBytes: number,
): { etaMs: number | null; lowerMs: number | null; upperMs: number | null } {
  const middle = fit.intercept + fit.slope * fit.midX;
  const eta = (slope: number): number | null =>
    slope <= 0 ? null : Math.max(0, (limitBytes - middle) / slope - (fit.lastX - fit.midX));
  // A line that may as well fall has no time to the limit.
  return {
    etaMs: fit.lowerSlope > 0 ? eta(fit.slope) : null,
    lowerMs: eta(fit.upperSlope),
    upperMs: eta(fit.lowerSlope),
  };
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
