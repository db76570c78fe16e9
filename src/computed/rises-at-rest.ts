import type { EventKind, RunEvent, Series } from '../model/artifacts.ts';
import { fallbacks } from './fallbacks.ts';
import { type Growth, growth, isSustained } from './growth.ts';
import { between, valueAt } from './series.ts';
import type { QuietWindow } from './stages.ts';

/** A growth over fewer samples has no interval. */
export const minimumSamples = 8;
/** Of a scaled run too. */
export const shortestWindowMs = 3000;
/** 98 %: several windows are looked at. */
const intervalZ = 2.326;
const longestGapMs = 10_000;
/** A rise of which this much is given back is no growth. */
const givenBackShare = 0.5;
const deaths: readonly EventKind[] = ['restart', 'target_gone', 'oom_kill'];

export interface Rise {
  startMs: number;
  endMs: number;
}

/** A rise over all of its time. */
export interface JudgedRise extends Rise {
  line: Growth;
  bytes: number;
  timesGivenBack: number;
}

/** Windows that rise are one rise with those before, unless memory fell back in between. */
export function risesAtRest(
  total: Series,
  quiet: readonly QuietWindow[],
  { spanMs, settledMs, leastBytesPerSecond }: { spanMs: number; settledMs: number; leastBytesPerSecond: number },
): { windows: number; steepest: Growth | null; rises: readonly Rise[] } {
  let windows = 0;
  let steepest: Growth | null = null;
  const rises: Rise[] = [];
  for (const window of quiet) {
    for (let startMs = window.startMs + settledMs; startMs + spanMs <= window.endMs + 1; startMs += spanMs / 4) {
      const part = between(total, startMs, startMs + spanMs);
      const line = sampleCount(part) < minimumSamples ? null : growth(part, intervalZ);
      if (line === null) {
        continue;
      }
      windows += 1;
      if (steepest === null || line.bytesPerSecond > steepest.bytesPerSecond) {
        steepest = line;
      }
      if (line.lowerBytesPerSecond > leastBytesPerSecond && isSustained(part)) {
        const last = rises.findLast((rise) => rise.startMs >= window.startMs);
        if (last !== undefined && startMs < last.endMs + spanMs && !fellBack(total, last, startMs)) {
          last.endMs = startMs + spanMs;
        } else {
          rises.push({ startMs, endMs: startMs + spanMs });
        }
      }
    }
  }
  return { windows, steepest, rises };
}

export function judgedRise(
  rise: Rise,
  total: Series,
  atRest: readonly Rise[],
  events: readonly RunEvent[],
): JudgedRise | null {
  const line = growth(between(total, rise.startMs, rise.endMs));
  if (line === null) {
    return null;
  }
  const bytes = (line.bytesPerSecond * (rise.endMs - rise.startMs)) / 1000;
  const deathsMs = events.filter(({ kind }) => deaths.includes(kind)).map(({ tMs }) => tMs);
  return { ...rise, line, bytes, timesGivenBack: fallbacks(total, atRest, givenBackShare * bytes, deathsMs) };
}

function fellBack(total: Series, { startMs, endMs }: Rise, nextMs: number): boolean {
  const at = (tMs: number): number => valueAt(total, tMs, longestGapMs) ?? Number.NaN;
  return nextMs > endMs && at(endMs) - at(nextMs) > givenBackShare * (at(endMs) - at(startMs));
}

function sampleCount(series: Series): number {
  return series.values.filter((value) => !Number.isNaN(value)).length;
}
