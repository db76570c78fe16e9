import type { Artifacts, RunEvent } from '../model/artifacts.ts';
import { rests } from './fallbacks.ts';
import { growingHolder } from './footprint.ts';
import type { Growth } from './growth.ts';
import { roleOf } from './holders.ts';
import { type JudgedRise, judgedRise, type Rise, risesAtRest, shortestWindowMs } from './rises-at-rest.ts';
import { lastingMs } from './spans.ts';
import { type QuietWindow, quietWindows } from './stages.ts';

/** Far below the incident (19 MiB/s), far above what a health probe's garbage leaves behind. */
export const restingBytesPerSecond = 1024 ** 2;
/** Less may be the garbage between two collections, as long as none was seen. */
export const garbageBytes = 64 * 1024 ** 2;
const windowMs = 10_000;
/** Work that was accepted just before still moves memory. */
const settleMs = 2000;
/** Falls back so often: it is collected. */
const collections = 2;
/** A process that was started in the rise loads for no longer than this, and is another detector's matter. */
const loadingMs = 30_000;

export interface GrowthAtRest {
  /** A rise is looked for in windows of this length. */
  spanMs: number;
  /** Times with nothing in flight that are as long as that. */
  quiet: readonly QuietWindow[];
  /** Of how many windows the slope is known. */
  windows: number;
  steepest: Growth | null;
  /** Whether a rise was left out, since the process that rose had just been started. */
  isLoading: boolean;
  timesGivenBack: number;
  /** The largest rise that was not given back; null: none. */
  risen: JudgedRise | null;
}

/** How memory moves after load while nothing is in flight. Times of `scale` are those of a whole run. */
export function growthAtRest(
  { footprint, stages, inFlight, events }: Pick<Artifacts, 'footprint' | 'stages' | 'inFlight' | 'events'>,
  scale: number,
): GrowthAtRest {
  const spanMs = Math.max(shortestWindowMs, windowMs * scale);
  const settledMs = Math.min(settleMs * scale, spanMs / 2);
  const all = quietWindows(stages, inFlight);
  const quiet = all.filter((window) => window.endMs - window.startMs >= spanMs);
  const { windows, steepest, rises } = risesAtRest(footprint.total, quiet, {
    spanMs,
    settledMs,
    leastBytesPerSecond: restingBytesPerSecond,
  });
  const atRest = rests(stages, all, settledMs);
  const loadsMs = Math.max(lastingMs(scale), loadingMs * scale);
  const own = rises.filter((rise) => !isLoading(rise, footprint.holders, events, loadsMs));
  const judged = own.flatMap((rise) => judgedRise(rise, footprint.total, atRest, events) ?? []);
  const [risen = null] = judged.filter((rise) => !isGivenBack(rise)).toSorted((a, b) => b.bytes - a.bytes);
  return {
    spanMs,
    quiet,
    windows,
    steepest,
    isLoading: own.length < rises.length,
    timesGivenBack: judged.reduce((most, rise) => Math.max(most, rise.timesGivenBack), 0),
    risen,
  };
}

/** More than a collector leaves lying about. */
export function isBeyondGarbage({ bytes }: Pick<JudgedRise, 'bytes'>): boolean {
  return bytes >= garbageBytes;
}

/** It rises in processes that were just started. */
function isLoading(
  { startMs, endMs }: Rise,
  holders: Artifacts['footprint']['holders'],
  events: readonly RunEvent[],
  loadsMs: number,
): boolean {
  const holder = growingHolder(holders, startMs, endMs);
  return events.some(
    ({ kind, subject, tMs }) =>
      kind === 'process_start' && roleOf(subject) === holder && tMs > endMs - loadsMs && tMs <= endMs,
  );
}

/** What falls back again and again is collected; so is a small rise that did it once. */
function isGivenBack(rise: JudgedRise): boolean {
  return rise.timesGivenBack >= (isBeyondGarbage(rise) ? collections : 1);
}
