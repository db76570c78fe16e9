import { formatBytes, formatClock, formatDuration } from '../base/units.ts';
import { growingHolder } from '../computed/footprint.ts';
import { garbageBytes, growthAtRest, isBeyondGarbage, restingBytesPerSecond } from '../computed/growth-at-rest.ts';
import { holderText } from '../computed/holders.ts';
import { type JudgedRise, minimumSamples } from '../computed/rises-at-rest.ts';
import { stageAt } from '../computed/stages.ts';
import type { Artifacts } from '../model/artifacts.ts';
import { defineDetector, type Observation } from '../model/detector.ts';

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
    const nothing = { value: null, threshold: restingBytesPerSecond };
    const found = growthAtRest({ footprint, stages, inFlight, events }, profile.scale);
    const { spanMs, steepest, risen, timesGivenBack } = found;
    if (found.quiet.length === 0) {
      const summary = `There was no time of ${formatDuration(spanMs)} after load with nothing in flight.`;
      return { ...nothing, verdict: 'not-applicable', summary };
    }
    if (steepest === null) {
      const summary = `Too few samples of memory while nothing was in flight: ${minimumSamples} within ${formatDuration(spanMs)} are needed.`;
      return { ...nothing, verdict: 'inconclusive', summary };
    }
    if (risen === null) {
      const most = `With nothing in flight memory changed by at most ${formatBytes(steepest.bytesPerSecond)}/s`;
      const loading = found.isLoading ? ', in a process that had just been started' : '';
      return {
        verdict: 'ok',
        summary:
          timesGivenBack === 0
            ? `${most}${loading}.`
            : `${most}${loading}, and gave back what it had gained, ${timesGivenBack} times.`,
        value: steepest.bytesPerSecond,
        threshold: restingBytesPerSecond,
        evidence: { holder: null, windows: found.windows, timesGivenBack },
      };
    }
    return told(risen, { footprint, stages });
  },
});

function told(rise: JudgedRise, { footprint, stages }: Pick<Artifacts, 'footprint' | 'stages'>): Observation {
  const { startMs, endMs, line, bytes, timesGivenBack } = rise;
  const holder = growingHolder(footprint.holders, startMs, endMs);
  const subject = holder === null ? 'The target' : holderText(holder);
  const interval = `${formatBytes(line.lowerBytesPerSecond)}/s to ${formatBytes(line.upperBytesPerSecond)}/s`;
  const grew = `${subject} grows by ${formatBytes(line.bytesPerSecond)}/s with nothing in flight, from ${formatClock(startMs)} on (95 % interval ${interval}).`;
  const isShort = !isBeyondGarbage(rise);
  // Until it has gained as much as no collector leaves lying about.
  const longEnoughMs = (garbageBytes / line.bytesPerSecond) * 1000;
  return {
    verdict: isShort ? 'warn' : 'fail',
    summary: isShort
      ? `${grew} It gained ${formatBytes(bytes)} in ${formatDuration(endMs - startMs)}, which may be garbage that is collected later.`
      : grew,
    value: line.bytesPerSecond,
    threshold: restingBytesPerSecond,
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
