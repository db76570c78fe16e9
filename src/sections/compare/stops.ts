import { median } from '../../base/statistics.ts';
import { formatDuration } from '../../base/units.ts';
import type { RunResult } from '../../model/result.ts';
import { upperFirst } from '../wording/sentences.ts';
import type { Side } from './comparison.ts';

/** Who ended a load before its time (PROTOCOL 20.1.1), and when, counted from the start of the run. */
interface Stop {
  by: 'guard' | 'kernel';
  atMs: number;
}

/** The stops of a side: of several runs the median time. */
export interface SideStop extends Stop {
  runs: number;
  of: number;
}

function stopOf({ guard, events }: RunResult): Stop | null {
  const kill = events.find(({ kind, subject }) => kind === 'oom_kill' && subject !== 'host');
  const stops: Stop[] = [
    ...(guard === null ? [] : [{ by: 'guard' as const, atMs: guard.stoppedAtMs }]),
    ...(kill === undefined ? [] : [{ by: 'kernel' as const, atMs: kill.tMs }]),
  ];
  return stops.toSorted((a, b) => a.atMs - b.atMs)[0] ?? null;
}

/** null: no run of the side was ended by the guard or by a kill for memory. */
export function stopOfSide({ runs }: Side): SideStop | null {
  const stops = runs.flatMap((run) => stopOf(run) ?? []);
  const atMs = median(stops.map((stop) => stop.atMs));
  if (atMs === null) {
    return null;
  }
  const isKilled = stops.some(({ by }) => by === 'kernel');
  return { by: isKilled ? 'kernel' : 'guard', atMs, runs: stops.length, of: runs.length };
}

export const isCapped = (side: Side): boolean => stopOfSide(side) !== null;

/** In which stage of a run the load ended; null: it was not ended. */
export function stageOfStop(run: RunResult): string | null {
  const stop = stopOf(run);
  return stop === null
    ? null
    : (run.stages.findLast(({ startMs, endMs }) => startMs <= stop.atMs && stop.atMs <= endMs)?.name ?? null);
}

/** By whom a peak was capped, as the end of a sentence. */
export function cappedBy(sides: readonly Side[]): string {
  return sides.some((side) => stopOfSide(side)?.by === 'kernel') ? 'capped by the kill' : 'capped by the guard';
}

const inRuns = ({ runs, of }: SideStop): string => (of === 1 ? '' : ` in ${runs} of ${of} runs`);

/** What was done to the load, and when: `The guard stopped the load after 27.3 s`. */
function deed(stop: SideStop): string {
  const what = stop.by === 'guard' ? 'the guard stopped the load' : 'the kernel killed the target';
  return `${what}${inRuns(stop)} after ${formatDuration(stop.atMs)}`;
}

/** How the ends of two loads differ, as the beginning of a sentence; null: both went on to their end. */
export function stopsInWords(baseline: Side, candidate: Side): string | null {
  const before = stopOfSide(baseline);
  const now = stopOfSide(candidate);
  if (now === null) {
    return before === null ? null : `The load ran to its end; in the baseline ${deed(before)}`;
  }
  if (before === null) {
    return `${upperFirst(deed(now))}; that of the baseline ran to its end`;
  }
  return before.by === now.by
    ? `${upperFirst(deed(now))} instead of ${formatDuration(before.atMs)}${inRuns(before)}`
    : `${upperFirst(deed(now))}; in the baseline ${deed(before)}`;
}

/** A quarter of a second of sampling and the wake of a request move a stop; below this share it is the same time. */
const sameTimeRatio = 0.1;

/** Which of two stops came first. A time until a stop has no threshold, so this is told and not judged. */
export function orderOfStops(before: SideStop | null, now: SideStop | null): string {
  if (before === null || now === null) {
    return before === null ? '✕ only here' : '✓ no longer';
  }
  const ratio = now.atMs / before.atMs;
  if (Math.abs(ratio - 1) <= sameTimeRatio) {
    return 'about the same';
  }
  return ratio < 1 ? '✕ sooner' : '✓ later';
}
