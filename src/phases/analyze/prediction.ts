import { median } from '../../base/statistics.ts';
import { formatClock, formatDuration } from '../../base/units.ts';
import { type Growth, growth, recentMs, timeToLimit, whyNoTrend, windowBefore } from '../../computed/growth.ts';
import { growthAtRest, isBeyondGarbage } from '../../computed/growth-at-rest.ts';
import { between } from '../../computed/series.ts';
import { quietWindows, sendsLoad } from '../../computed/stages.ts';
import { isUnavailable } from '../../model/artifacts.ts';
import type { RunResult } from '../../model/result.ts';
import type { RunArtifacts } from './artifacts.ts';

/** Of a rise that gives back more than this when the load ends, most was work in flight. */
const keptRatio = 0.5;
/** A stage ends a moment before its time is over. */
const wholeRatio = 0.95;

type Prediction = NonNullable<RunResult['prediction']>;

/**
 * Where memory was heading when the guard stopped the load, or else when the last load that goes on ended: the rise
 * of a burst, which sends so many at once and no more, is no trend. A time is given only for a rise that passes the
 * gates and does not fall back in the quiet time after; else for one that goes on with nothing in flight
 * (PROTOCOL 17.1); else it is said why not.
 */
export function predictionOf(
  artifacts: RunArtifacts,
  guardStopMs: number | null,
  scale: number,
): RunResult['prediction'] {
  const underLoad = ofLoad(artifacts, guardStopMs, scale);
  const isTold = guardStopMs !== null || (underLoad !== null && underLoad.timeToLimitS !== null);
  return isTold ? underLoad : (atRest(artifacts, scale) ?? underLoad);
}

/** Of what grows with nothing in flight until that quiet time ends; null: nothing does. */
function atRest({ footprint, limit, stages, inFlight, events }: RunArtifacts, scale: number): RunResult['prediction'] {
  if (isUnavailable(footprint)) {
    return null;
  }
  const { risen, quiet, spanMs } = growthAtRest({ footprint, stages, inFlight, events }, scale);
  const window = quiet.findLast(({ startMs }) => risen !== null && startMs <= risen.startMs);
  if (risen === null || window === undefined || !isBeyondGarbage(risen)) {
    return null;
  }
  const none = unprojected(risen.line);
  if (window.endMs - risen.endMs > spanMs / 2) {
    return { ...none, why: `memory grew with nothing in flight until ${formatClock(risen.endMs)}, and no further` };
  }
  return isUnavailable(limit)
    ? { ...none, why: 'the limit is not known' }
    : projected(none, risen.line.fit, limit.bytes);
}

function unprojected(line: Growth): Omit<Prediction, 'why'> {
  return {
    timeToLimitS: null,
    timeToLimitCi95S: null,
    slopeBytesPerS: line.bytesPerSecond,
    slopeCi95: [line.lowerBytesPerSecond, line.upperBytesPerSecond],
    predictedAtMs: null,
  };
}

function ofLoad(
  { footprint, limit, stages, inFlight }: RunArtifacts,
  guardStopMs: number | null,
  scale: number,
): RunResult['prediction'] {
  const load = stages.findLast((stage) => stage.kind === 'load' && stage.stage.load?.executor !== 'burst');
  const endMs = guardStopMs ?? load?.endMs;
  if (isUnavailable(footprint) || endMs === undefined) {
    return null;
  }
  const fromMs = stages.findLast((stage) => stage.startMs <= endMs && sendsLoad(stage))?.startMs ?? 0;
  const window = windowBefore(footprint.peaks, endMs, fromMs, scale);
  const line = window === null ? null : growth(window);
  if (window === null || line === null) {
    return null;
  }
  const none = unprojected(line);
  const level = line.fit.intercept + line.fit.slope * line.fit.lastX;
  const rose = line.fit.slope * (line.fit.lastX - (window.tMs[0] ?? line.fit.lastX));
  const settled = guardStopMs === null ? settledAfter(footprint.total, quietWindows(stages, inFlight), endMs) : null;
  if (isUnavailable(limit)) {
    return { ...none, why: 'the limit is not known' };
  }
  const isShort = guardStopMs === null && endMs - fromMs < wholeRatio * recentMs * scale;
  const why =
    (isShort ? `the load went on for less than ${formatDuration(recentMs * scale)}` : whyNoTrend(window)) ??
    (settled !== null && settled < level - (1 - keptRatio) * rose ? 'memory fell back when the load had ended' : null);
  return why === null ? projected(none, line.fit, limit.bytes) : { ...none, why };
}

function projected(
  none: Omit<Prediction, 'why'>,
  fit: Parameters<typeof timeToLimit>[0],
  limitBytes: number,
): Prediction {
  const { etaMs, lowerMs, upperMs } = timeToLimit(fit, limitBytes);
  return etaMs === null || lowerMs === null
    ? { ...none, why: 'memory did not rise beyond its own noise' }
    : {
        ...none,
        timeToLimitS: etaMs / 1000,
        timeToLimitCi95S: [lowerMs / 1000, upperMs === null ? null : upperMs / 1000],
        predictedAtMs: fit.lastX + etaMs,
        why: null,
      };
}

/** Median of the last third of the first quiet time that begins after the load; null without one. */
function settledAfter(
  total: Parameters<typeof between>[0],
  quiet: ReturnType<typeof quietWindows>,
  loadEndMs: number,
): number | null {
  const window = quiet.find(({ endMs }) => endMs > loadEndMs);
  return window === undefined
    ? null
    : median(between(total, window.endMs - (window.endMs - window.startMs) / 3, window.endMs).values);
}
