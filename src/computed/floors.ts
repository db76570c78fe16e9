import { median } from '../base/statistics.ts';
import type { Series, StageWindow } from '../model/artifacts.ts';
import { between } from './series.ts';
import { firstLoadMs, quietWindows } from './stages.ts';

/** Median while idle before any load; null without such a stage or without a sample in it (PROTOCOL 15.2). */
export function baseline(total: Series, stages: readonly StageWindow[]): number | null {
  const loadMs = firstLoadMs(stages) ?? Number.POSITIVE_INFINITY;
  const idle = stages.filter((stage) => stage.kind === 'idle' && stage.startMs < loadMs);
  return median(idle.flatMap((stage) => [...between(total, stage.startMs, stage.endMs).values]));
}

/** Median of the last third of the last quiet stage after load; null without one (PROTOCOL 17.1). */
export function floor(total: Series, stages: readonly StageWindow[], inFlight: Series): number | null {
  const settling = stages.filter((stage) => stage.kind !== 'cooldown');
  const window = quietWindows(settling, inFlight).at(-1);
  if (window === undefined) {
    return null;
  }
  const thirdMs = (window.endMs - window.startMs) / 3;
  return median(between(total, window.endMs - thirdMs, window.endMs).values);
}
