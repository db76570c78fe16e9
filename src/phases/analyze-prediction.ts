import { growthBefore, timeToLimit } from '../computed/growth.ts';
import { sendsLoad } from '../computed/stages.ts';
import { isUnavailable } from '../model/artifacts.ts';
import type { RunResult } from '../model/result.ts';
import type { RunArtifacts } from './analyze-artifacts.ts';

/**
 * Where memory was heading when the guard stopped the load, or else when the last load that goes on ended: the rise
 * of a burst, which sends so many at once and no more, is no trend.
 */
export function predictionOf(
  { footprint, limit, stages }: RunArtifacts,
  guardStopMs: number | null,
  scale: number,
): RunResult['prediction'] {
  const load = stages.findLast((stage) => stage.kind === 'load' && stage.stage.load?.executor !== 'burst');
  const endMs = guardStopMs ?? load?.endMs;
  if (isUnavailable(footprint) || endMs === undefined) {
    return null;
  }
  const fromMs = stages.findLast((stage) => stage.startMs <= endMs && sendsLoad(stage))?.startMs ?? 0;
  const line = growthBefore(footprint.total, endMs, fromMs, scale);
  if (line === null) {
    return null;
  }
  const { etaMs } = isUnavailable(limit) ? { etaMs: null } : timeToLimit(line.fit, limit.bytes);
  return {
    timeToLimitS: etaMs === null ? null : etaMs / 1000,
    slopeBytesPerS: line.bytesPerSecond,
    slopeCi95: [line.lowerBytesPerSecond, line.upperBytesPerSecond],
    predictedAtMs: etaMs === null ? null : line.fit.lastX + etaMs,
  };
}
