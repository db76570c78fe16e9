import { median } from '../base/statistics.ts';
import { type LadderPoint, ladderSlope } from './ladder-slope.ts';
import { isNotableRise, notableRatio } from './notable-rise.ts';

/** A settled level, from the time on at which nothing was in flight. */
export interface Floor {
  startMs: number;
  bytes: number;
}

export interface LadderBase {
  bytes: number;
  /** Settled level after load that is no part of the base, since later requests use it again; null: there is none. */
  reusedBytes: number | null;
}

/** Where a line of that slope through the points meets zero, by the median; not below `leastBytes`. */
function intercept(points: readonly LadderPoint[], slope: number, leastBytes: number): number {
  return Math.max(leastBytes, median(points.map(({ x, bytes }) => bytes - slope * x)) ?? 0);
}

/** How far base + slope x lies above the measured peaks, at the level where it does most. */
function excess(points: readonly LadderPoint[], base: number, slope: number): number {
  return Math.max(...points.map(({ x, bytes }) => base + slope * x - bytes));
}

/**
 * Two hypotheses of the memory that is left after load (PROTOCOL 17.1). Added: it stays beside what requests take, so
 * it is the base, as loaded weights are. Reused: requests take it again, as they do from an allocator that keeps its
 * arenas; then the base is where the Theil-Sen line (Sen, 1968) through the levels alone meets zero, and not less than
 * memory before the load. Reused is taken if added would predict peaks above the measured ones by more than that line
 * misses them, and by more than 2 %: what was measured at a level is all that the level needs. A leak is added to
 * whatever comes, so it keeps the floor.
 */
export function ladderBase(
  levels: readonly LadderPoint[],
  floorBytes: number | null,
  { beforeBytes, isLeaking }: { beforeBytes: number | null; isLeaking: boolean },
): LadderBase {
  const line = ladderSlope('requests', levels)?.bytes ?? null;
  if (floorBytes === null) {
    return { bytes: intercept(levels, line ?? 0, 0), reusedBytes: null };
  }
  const reused = intercept(levels, line ?? 0, beforeBytes ?? 0);
  const added = ladderSlope('requests', [{ x: 0, bytes: floorBytes }, ...levels])?.bytes ?? 0;
  if (line === null || isLeaking || floorBytes <= reused) {
    return { bytes: floorBytes, reusedBytes: null };
  }
  const misses = Math.max(...levels.map(({ x, bytes }) => Math.abs(bytes - reused - line * x)));
  const noise = notableRatio * Math.max(...levels.map(({ bytes }) => bytes));
  return excess(levels, floorBytes, added) > Math.max(misses, noise)
    ? { bytes: reused, reusedBytes: floorBytes }
    : { bytes: floorBytes, reusedBytes: null };
}

/** Whether the floor rose although no higher level came between: requests of the same number left more behind. */
export function isLeakingFloor(floors: readonly Floor[], levelStartsMs: readonly number[]): boolean {
  const firstMs = levelStartsMs[0] ?? Number.POSITIVE_INFINITY;
  return floors.some((floor, index) => {
    const before = floors[index - 1];
    return (
      before !== undefined &&
      before.startMs >= firstMs &&
      levelStartsMs.every((startMs) => startMs < before.startMs || startMs > floor.startMs) &&
      isNotableRise(before.bytes, floor.bytes)
    );
  });
}
