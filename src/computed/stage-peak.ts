import type { Footprint, StageWindow } from '../model/artifacts.ts';
import { between, firstAtOrAfter, maximum } from './series.ts';
import { sendsLoad } from './stages.ts';

/**
 * Highest footprint that a stage caused; null without a sample in it. A high-water mark tells of the time since the
 * sample before: the one of the first sample may be of an earlier stage and is left out, the one just after the end
 * counts unless another load has begun by then.
 */
export function stagePeak(
  { total, peaks }: Footprint,
  stages: readonly StageWindow[],
  { startMs, endMs }: Pick<StageWindow, 'startMs' | 'endMs'>,
): number | null {
  const level = maximum(between(total, startMs, endMs));
  const from = firstAtOrAfter(peaks.tMs, startMs) + 1;
  const after = firstAtOrAfter(peaks.tMs, endMs);
  const afterMs = peaks.tMs[after] ?? endMs;
  const isOthers = stages.some((stage) => sendsLoad(stage) && stage.startMs >= endMs && stage.startMs <= afterMs);
  const to = isOthers ? after : after + 1;
  const marks = maximum({ tMs: peaks.tMs.subarray(from, to), values: peaks.values.subarray(from, to) });
  return level === null ? null : Math.max(level.value, marks?.value ?? level.value);
}

/** Samples of memory within a stage. */
export function samplesIn({ total }: Footprint, { startMs, endMs }: Pick<StageWindow, 'startMs' | 'endMs'>): number {
  return between(total, startMs, endMs).values.filter((value) => !Number.isNaN(value)).length;
}
