import { formatBytes } from '../base/units.ts';
import type { LadderRung } from '../model/ladder.ts';
import type { RequestRecord } from '../model/record.ts';
import type { Floor } from './ladder-base.ts';
import { isNotableRise } from './notable-rise.ts';

/** A settled level after load: how many were answered since the one before, and the most at once until then. */
export interface LoadedFloor {
  bytes: number;
  answered: number;
  highest: number;
}

/** One rise without a higher level may be the chance of an arena; a leak rises again. */
const leastEqualRises = 2;
/** Of fewer rises two laws cannot be told apart. */
const leastRises = 3;
/** Memory for each answer is about the same from pause to pause where answers are kept. */
const evenTimes = 1.5;
/** And memory for each further request at once is not. */
const unevenTimes = 2;

export const cumulativeClaim = 'memory follows how many requests were answered, not how many are at once';

/**
 * What shows that memory follows how many requests were answered (PROTOCOL 17.4); null: that was not seen. Either the pauses rose
 * although nothing higher was asked in between, or each rise fits the answers of its time and not what was at once:
 * an arena that keeps its largest shape does neither. Where each level answers twice as many as the one before, the
 * two cannot be told apart, and nothing is claimed.
 */
export function cumulativeWhy(floors: readonly LoadedFloor[]): string | null {
  return hasEqualRises(floors) || fitsAnswers(floors)
    ? `it stood at ${listed(floors.map(({ bytes }) => formatBytes(bytes)))} in the pauses after ${listed(floors.map(({ answered }) => String(answered)))} answers`
    : null;
}

function hasEqualRises(floors: readonly LoadedFloor[]): boolean {
  const equal = floors.flatMap((floor, index) => {
    const before = floors[index - 1];
    return before !== undefined && floor.highest <= before.highest ? [{ before, floor }] : [];
  });
  return (
    equal.filter(({ before, floor }) => isNotableRise(before.bytes, floor.bytes)).length >= leastEqualRises &&
    equal.every(({ before, floor }) => !isNotableRise(floor.bytes, before.bytes))
  );
}

function fitsAnswers(floors: readonly LoadedFloor[]): boolean {
  const rises = floors.flatMap((floor, index) => {
    const before = floors[index - 1];
    return before === undefined
      ? []
      : [{ isNotable: isNotableRise(before.bytes, floor.bytes), bytes: floor.bytes - before.bytes, floor, before }];
  });
  const isRising = rises.every(({ isNotable, floor, before }) => isNotable && floor.highest > before.highest);
  if (rises.length < leastRises || !isRising || rises.some(({ floor }) => floor.answered === 0)) {
    return false;
  }
  const byAnswers = spread(rises.map(({ bytes, floor }) => bytes / floor.answered));
  const byLevel = spread(rises.map(({ bytes, floor, before }) => bytes / (floor.highest - before.highest)));
  return byAnswers <= evenTimes && byLevel >= unevenTimes * byAnswers;
}

function spread(values: readonly number[]): number {
  return Math.max(...values) / Math.min(...values);
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}

/** The floors from the first rung on until memory ended one, each with the answers of its time. */
export function loadedFloors(
  floors: readonly Floor[],
  rungs: readonly LadderRung[],
  records: readonly RequestRecord[],
): readonly LoadedFloor[] {
  const firstMs = rungs[0]?.startMs ?? Number.POSITIVE_INFINITY;
  const cutMs = rungs.find(({ isCut }) => isCut)?.startMs ?? Number.POSITIVE_INFINITY;
  const loaded = floors.filter(({ startMs }) => startMs >= firstMs && startMs < cutMs);
  return loaded.map(({ startMs, bytes }, index) => {
    const sinceMs = loaded[index - 1]?.startMs ?? Number.NEGATIVE_INFINITY;
    const isOfIt = ({ outcome, endMs }: RequestRecord): boolean =>
      outcome === 'ok' && endMs !== null && endMs > sinceMs && endMs <= startMs;
    const levels = rungs.flatMap((rung) => (rung.startMs <= startMs ? (rung.inFlight.requests ?? 0) : []));
    return { bytes, answered: records.filter(isOfIt).length, highest: Math.max(0, ...levels) };
  });
}
