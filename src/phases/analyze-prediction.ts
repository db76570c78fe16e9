import { growth, timeToLimit } from '../computed/growth.ts';
import { between } from '../computed/series.ts';
import { isUnavailable } from '../model/artifacts.ts';
import type { RunResult } from '../model/result.ts';
import type { RunArtifacts } from './analyze-artifacts.ts';

const windowMs = 60_000;
/** Fewer have an interval that says nothing. */
const minimumSamples = 12;

/** Where memory was heading when the guard stopped the load, or else when the last load stage ended. */
export function predictionOf(
  { footprint, limit, stages }: RunArtifacts,
  guardStopMs: number | null,
  scale: number,
): RunResult['prediction'] {
  const load = stages.findLast((stage) => stage.kind === 'load' && stage.stage.load !== null);
  const endMs = guardStopMs ?? load?.endMs;
  if (isUnavailable(footprint) || endMs === undefined) {
    return null;
  }
  // At a guard stop the last moments count, whichever stage they lie in.
  const fromMs = Math.max(guardStopMs === null ? (load?.startMs ?? 0) : 0, endMs - windowMs * scale);
  const window = between(footprint.total, fromMs, endMs + 1);
  const line = growth(window);
  if (line === null || line.samples < minimumSamples) {
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
