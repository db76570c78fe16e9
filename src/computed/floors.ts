import { median, smallest } from '../base/statistics.ts';
import type { Series, StageWindow } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { between } from './series.ts';
import { firstLoadMs, quietWindows } from './stages.ts';

/** Median while idle before any load; null without such a stage or without a sample in it (PROTOCOL 15.2). */
export function baseline(total: Series, stages: readonly StageWindow[]): number | null {
  const loadMs = firstLoadMs(stages) ?? Number.POSITIVE_INFINITY;
  const idle = stages.filter((stage) => stage.kind === 'idle' && stage.startMs < loadMs);
  return median(idle.flatMap((stage) => [...between(total, stage.startMs, stage.endMs).values]));
}

/** Of a rest that was cut before, memory had no time to settle. */
const wholeShare = 0.5;

/**
 * Median of the last third of the last quiet stage after load; null without one that lasted for half of its time
 * (PROTOCOL 17.1).
 */
export function floor(total: Series, stages: readonly StageWindow[], inFlight: Series): number | null {
  return floorOf(total, stages.filter(canSettle), inFlight, 1 / 3);
}

function canSettle({ kind, startMs, endMs, stage }: StageWindow): boolean {
  return kind !== 'cooldown' && endMs - startMs >= wholeShare * stage.durationMs;
}

function floorOf(
  total: Series,
  settling: readonly StageWindow[],
  inFlight: Series,
  judgedShare: number,
): number | null {
  const window = quietWindows(settling, inFlight).at(-1);
  if (window === undefined) {
    return null;
  }
  const judgedMs = (window.endMs - window.startMs) * judgedShare;
  return median(between(total, window.endMs - judgedMs, window.endMs).values);
}

/** Of the time after load, so much must have passed before a neighbour begins to work in it. */
const leastRestShare = 1 / 3;
/** Of that time, the end: what is unloaded when idle goes late in it. */
const lastShare = 0.1;

/**
 * The floor on a device whose other tenant is called in the rest after load: the level just before that call, since what
 * the tenant takes then is not what the target kept. One that is called all the time was there before the load too.
 */
export function floorBeforeNeighbour(
  held: Series,
  {
    stages,
    inFlight,
    neighbour,
  }: { stages: readonly StageWindow[]; inFlight: Series; neighbour: readonly RequestRecord[] },
): number | null {
  const loadEndMs = stages.findLast(({ kind }) => kind === 'load')?.endMs ?? Number.NaN;
  const endMs = stages.at(-1)?.endMs ?? Number.NaN;
  const calls = neighbour.flatMap(({ startMs }) => (startMs !== null && startMs >= loadEndMs ? [startMs] : []));
  const callMs = smallest(calls) ?? Number.POSITIVE_INFINITY;
  if (!(callMs - loadEndMs >= leastRestShare * (endMs - loadEndMs)) || callMs >= endMs) {
    return floor(held, stages, inFlight);
  }
  const before = stages
    .filter((one) => one.startMs < callMs && canSettle(one))
    .map((one) => ({ ...one, endMs: Math.min(one.endMs, callMs) }));
  return floorOf(held, before, inFlight, lastShare);
}
