import { formatBytes, formatClock, formatDuration } from '../base/units.ts';
import { growingHolder } from '../computed/footprint.ts';
import { type Growth, growth, isSustained } from '../computed/growth.ts';
import { holderText } from '../computed/holders.ts';
import { between } from '../computed/series.ts';
import { quietWindows, stageAt } from '../computed/stages.ts';
import type { Series } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';

/** Far below the incident (19 MiB/s), far above what a health probe's garbage leaves behind. */
const thresholdBytesPerSecond = 1024 ** 2;
const windowMs = 10_000;
const shortestWindowMs = 3000;
const minimumSamples = 8;
/** Work that was accepted just before still moves memory. */
const settleMs = 2000;
/** 98 %: several windows are looked at. */
const intervalZ = 2.326;

interface Rise {
  stage: string;
  startMs: number;
  endMs: number;
}

export const growthWithoutLoad = defineDetector({
  id: 'growth-without-load',
  title: 'Memory rests when nothing is in flight',
  failureTitle: 'Memory grows with nothing in flight',
  description: 'Slope of the footprint after load, while no request is in flight and none is sent.',
  unit: 'bytes/s',
  remedy:
    'Look for a loop that works without work: a job put back without yielding, a timer, a cache that is filled in the background.',
  requires: ['footprint', 'stages', 'inFlight'],
  detect({ footprint, stages, inFlight }, { profile }) {
    const spanMs = Math.max(shortestWindowMs, windowMs * profile.scale);
    const quiet = quietWindows(stages, inFlight).filter((window) => window.endMs - window.startMs >= spanMs);
    if (quiet.length === 0) {
      return {
        verdict: 'not-applicable',
        summary: `There was no time of ${formatDuration(spanMs)} after load with nothing in flight.`,
        value: null,
        threshold: thresholdBytesPerSecond,
      };
    }
    let judged = 0;
    let steepest: Growth | null = null;
    let risen: Rise | null = null;
    for (const window of quiet) {
      const settledMs = window.startMs + Math.min(settleMs * profile.scale, spanMs / 2);
      for (let startMs = settledMs; startMs + spanMs <= window.endMs + 1; startMs += spanMs / 4) {
        const part = between(footprint.total, startMs, startMs + spanMs);
        const line = sampleCount(part) < minimumSamples ? null : growth(part, intervalZ);
        if (line === null) {
          continue;
        }
        judged += 1;
        if (steepest === null || line.bytesPerSecond > steepest.bytesPerSecond) {
          steepest = line;
        }
        if (line.lowerBytesPerSecond > thresholdBytesPerSecond && isSustained(part)) {
          const endMs = startMs + spanMs;
          risen ??= { stage: stageAt(stages, startMs)?.name ?? window.stage, startMs, endMs };
          if (startMs <= risen.endMs) {
            risen.endMs = endMs;
          }
        }
      }
    }
    if (judged === 0 || steepest === null) {
      return {
        verdict: 'inconclusive',
        summary: `Too few samples of memory while nothing was in flight: ${minimumSamples} within ${formatDuration(spanMs)} are needed.`,
        value: null,
        threshold: thresholdBytesPerSecond,
      };
    }
    if (risen === null) {
      return {
        verdict: 'ok',
        summary: `With nothing in flight memory changed by at most ${formatBytes(steepest.bytesPerSecond)}/s.`,
        value: steepest.bytesPerSecond,
        threshold: thresholdBytesPerSecond,
        evidence: { holder: null, windows: judged },
      };
    }
    const line = growth(between(footprint.total, risen.startMs, risen.endMs)) ?? steepest;
    const holder = growingHolder(footprint.holders, risen.startMs, risen.endMs);
    const interval = `${formatBytes(line.lowerBytesPerSecond)}/s to ${formatBytes(line.upperBytesPerSecond)}/s`;
    return {
      verdict: 'fail',
      summary: `${holder === null ? 'The target' : holderText(holder)} grows by ${formatBytes(line.bytesPerSecond)}/s with nothing in flight, from ${formatClock(risen.startMs)} on (95 % interval ${interval}).`,
      value: line.bytesPerSecond,
      threshold: thresholdBytesPerSecond,
      stage: risen.stage,
      startedMs: risen.startMs,
      evidence: {
        holder,
        lowerBytesPerSecond: line.lowerBytesPerSecond,
        upperBytesPerSecond: line.upperBytesPerSecond,
        durationMs: risen.endMs - risen.startMs,
      },
    };
  },
});

function sampleCount(series: Series): number {
  return series.values.filter((value) => !Number.isNaN(value)).length;
}
