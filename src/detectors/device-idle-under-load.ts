import { formatClock, formatDuration } from '../base/units.ts';
import { firstAnswerMs, isWarmup, wasAnsweredWithin, wasWaitingThroughout } from '../computed/idle-while-waiting.ts';
import { lastingMs, longest, type Span, spansWhere } from '../computed/spans.ts';
import { stageAt } from '../computed/stages.ts';
import { defineDetector } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';

const idlePercent = 5;
/** A server that never used the device does its work elsewhere. */
const usedPercent = 20;
const fewestReadings = 3;

export const deviceIdleUnderLoad = defineDetector({
  id: 'device-idle-under-load',
  title: 'The device works while requests wait',
  failureTitle: 'The device idles while requests wait and time out',
  description: 'Device utilisation near zero while requests are in flight, none is answered, and some time out.',
  unit: 'ms',
  remedy:
    'The work does not reach the device: look at what stands between the queue and the model, such as dead workers or a lock. Restart the workers, and give up a request whose worker is gone.',
  requires: ['deviceUse', 'records', 'inFlight', 'stages'],
  detect({ deviceUse, records, inFlight, stages }, { profile }) {
    const thresholdMs = lastingMs(profile.scale);
    const base = { value: null, threshold: thresholdMs };
    const { state, percent } = deviceUse;
    if (state !== 'read') {
      return state === 'none'
        ? { ...base, verdict: 'not-applicable', summary: 'The target has no device that computes.' }
        : { ...base, verdict: 'inconclusive', summary: 'How busy the device was could not be read.' };
    }
    const answeredMs = firstAnswerMs(records);
    const readings = percent.values.filter((value) => !Number.isNaN(value)).length;
    if (answeredMs === null || readings < fewestReadings) {
      const why = answeredMs === null ? 'Nothing was ever answered.' : `The device was read ${readings} times.`;
      return { ...base, verdict: 'inconclusive', summary: why };
    }
    if (!percent.values.some((value) => value >= usedPercent)) {
      return { ...base, verdict: 'not-applicable', summary: `The device was never busy above ${usedPercent} %.` };
    }
    const idle = spansWhere(percent, (value, tMs) => value < idlePercent && tMs > answeredMs && !isWarmup(stages, tMs));
    const worst = longest(
      idle.filter(
        (span) =>
          span.readings >= fewestReadings &&
          span.endMs - span.startMs >= thresholdMs &&
          wasWaitingThroughout(inFlight, span.startMs, span.endMs) &&
          !wasAnsweredWithin(records, span.startMs, span.endMs) &&
          timedOutOf(records, span) > 0,
      ),
    );
    if (worst === null) {
      return { ...base, verdict: 'ok', summary: 'Requests never waited and timed out beside an idle device.' };
    }
    const timedOut = timedOutOf(records, worst);
    return {
      verdict: 'fail',
      summary: `The device idled for ${formatDuration(worst.endMs - worst.startMs)} from ${formatClock(worst.startMs)} on with requests in flight; none was answered, and ${timedOut} of them timed out.`,
      value: worst.endMs - worst.startMs,
      threshold: thresholdMs,
      stage: stageAt(stages, worst.startMs)?.name ?? null,
      startedMs: worst.startMs,
      evidence: { holder: null, timedOut, readings: worst.readings },
    };
  },
});

/** Requests that were open in the span and ended in a timeout, in it or later. */
function timedOutOf(records: readonly RequestRecord[], { startMs, endMs }: Span): number {
  return records.filter(
    (record) =>
      record.outcome === 'timeout' &&
      record.startMs !== null &&
      record.startMs <= endMs &&
      (record.endMs ?? Number.POSITIVE_INFINITY) >= startMs,
  ).length;
}
