import { formatBytes, formatClock, formatDuration } from '../base/units.ts';
import { rests } from '../computed/fallbacks.ts';
import { growingHolder } from '../computed/footprint.ts';
import { holderText, roleOf } from '../computed/holders.ts';
import {
  type JudgedRise,
  judgedRise,
  minimumSamples,
  type Rise,
  risesAtRest,
  shortestWindowMs,
} from '../computed/rises-at-rest.ts';
import { lastingMs } from '../computed/spans.ts';
import { quietWindows, stageAt } from '../computed/stages.ts';
import type { Artifacts, RunEvent } from '../model/artifacts.ts';
import { defineDetector, type Observation } from '../model/detector.ts';

/** Far below the incident (19 MiB/s), far above what a health probe's garbage leaves behind. */
const thresholdBytesPerSecond = 1024 ** 2;
const windowMs = 10_000;
/** Work that was accepted just before still moves memory. */
const settleMs = 2000;
/** Less may be the garbage between two collections, as long as none was seen. */
const garbageBytes = 64 * 1024 ** 2;
/** Falls back so often: it is collected. */
const collections = 2;
/** A process that was started in the rise loads for no longer than this, and is another detector's matter. */
const loadingMs = 30_000;

export const growthWithoutLoad = defineDetector({
  id: 'growth-without-load',
  title: 'Memory rests when nothing is in flight',
  failureTitle: 'Memory grows with nothing in flight',
  description: 'Slope of the footprint after load, while no request is in flight and none is sent.',
  unit: 'bytes/s',
  remedy:
    'Look for a loop that works without work: a job put back without yielding, a timer, a cache that is filled in the background.',
  requires: ['footprint', 'stages', 'inFlight', 'events'],
  detect({ footprint, stages, inFlight, events }, { profile }) {
    const nothing = { value: null, threshold: thresholdBytesPerSecond };
    const spanMs = Math.max(shortestWindowMs, windowMs * profile.scale);
    const settledMs = Math.min(settleMs * profile.scale, spanMs / 2);
    const all = quietWindows(stages, inFlight);
    const quiet = all.filter((window) => window.endMs - window.startMs >= spanMs);
    if (quiet.length === 0) {
      const summary = `There was no time of ${formatDuration(spanMs)} after load with nothing in flight.`;
      return { ...nothing, verdict: 'not-applicable', summary };
    }
    const { windows, steepest, rises } = risesAtRest(footprint.total, quiet, {
      spanMs,
      settledMs,
      leastBytesPerSecond: thresholdBytesPerSecond,
    });
    if (steepest === null) {
      const summary = `Too few samples of memory while nothing was in flight: ${minimumSamples} within ${formatDuration(spanMs)} are needed.`;
      return { ...nothing, verdict: 'inconclusive', summary };
    }
    const atRest = rests(stages, all, settledMs);
    const loadsMs = Math.max(lastingMs(profile.scale), loadingMs * profile.scale);
    const own = rises.filter((rise) => !isLoading(rise, footprint.holders, events, loadsMs));
    const judged = own.flatMap((rise) => judgedRise(rise, footprint.total, atRest, events) ?? []);
    const [risen] = judged.filter((rise) => !isGivenBack(rise)).toSorted((a, b) => b.bytes - a.bytes);
    if (risen === undefined) {
      const most = `With nothing in flight memory changed by at most ${formatBytes(steepest.bytesPerSecond)}/s`;
      const loading = own.length < rises.length ? ', in a process that had just been started' : '';
      const times = Math.max(0, ...judged.map(({ timesGivenBack }) => timesGivenBack));
      return {
        verdict: 'ok',
        summary:
          times === 0 ? `${most}${loading}.` : `${most}${loading}, and gave back what it had gained, ${times} times.`,
        value: steepest.bytesPerSecond,
        threshold: thresholdBytesPerSecond,
        evidence: { holder: null, windows, timesGivenBack: times },
      };
    }
    return told(risen, { footprint, stages });
  },
});

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
function isGivenBack({ bytes, timesGivenBack }: JudgedRise): boolean {
  return timesGivenBack >= (bytes < garbageBytes ? 1 : collections);
}

function told(
  { startMs, endMs, line, bytes, timesGivenBack }: JudgedRise,
  { footprint, stages }: Pick<Artifacts, 'footprint' | 'stages'>,
): Observation {
  const holder = growingHolder(footprint.holders, startMs, endMs);
  const subject = holder === null ? 'The target' : holderText(holder);
  const interval = `${formatBytes(line.lowerBytesPerSecond)}/s to ${formatBytes(line.upperBytesPerSecond)}/s`;
  const grew = `${subject} grows by ${formatBytes(line.bytesPerSecond)}/s with nothing in flight, from ${formatClock(startMs)} on (95 % interval ${interval}).`;
  const isShort = bytes < garbageBytes;
  // Until it has gained as much as no collector leaves lying about.
  const longEnoughMs = (garbageBytes / line.bytesPerSecond) * 1000;
  return {
    verdict: isShort ? 'warn' : 'fail',
    summary: isShort
      ? `${grew} It gained ${formatBytes(bytes)} in ${formatDuration(endMs - startMs)}, which may be garbage that is collected later.`
      : grew,
    value: line.bytesPerSecond,
    threshold: thresholdBytesPerSecond,
    stage: stageAt(stages, startMs)?.name ?? null,
    startedMs: startMs,
    evidence: {
      holder,
      lowerBytesPerSecond: line.lowerBytesPerSecond,
      upperBytesPerSecond: line.upperBytesPerSecond,
      durationMs: endMs - startMs,
      gainedBytes: bytes,
      timesGivenBack,
    },
    ...(isShort
      ? {
          remedy: `Watch it for ${formatDuration(longEnoughMs)} with nothing in flight: a collector gives it back, a loop that works without work does not.`,
        }
      : {}),
  };
}
