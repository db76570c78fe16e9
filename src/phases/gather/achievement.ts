import type { StageAchievement } from '../../model/plan.ts';

/** An answer, as rates of later stages need it. */
export interface Completion {
  endMs: number;
  audioSeconds: number;
}

const fewestForARate = 3;
const fewestInTheHalf = 4;

/**
 * Rate between completions in the second half of a stage: the first half may still be loading workers, and a rate
 * from first to last completion has no edge effect. `completions` are of this stage alone; null if none is inside.
 */
export function achievementOf(
  completions: readonly Completion[],
  startMs: number,
  endMs: number,
): StageAchievement | null {
  const inside = completions
    .filter((completion) => completion.endMs >= startMs && completion.endMs <= endMs)
    .sort((a, b) => a.endMs - b.endMs);
  const late = inside.filter((completion) => completion.endMs >= (startMs + endMs) / 2);
  const used = late.length >= fewestInTheHalf ? late : inside;
  const first = used[0];
  const last = used.at(-1);
  if (first === undefined || last === undefined) {
    return null;
  }
  const isTooShort = used.length < fewestForARate || last.endMs === first.endMs;
  const counted = isTooShort ? inside : used.slice(1);
  const seconds = (isTooShort ? endMs - startMs : last.endMs - first.endMs) / 1000;
  return {
    requestsPerSecond: counted.length / seconds,
    audioSecondsPerSecond: counted.reduce((sum, { audioSeconds }) => sum + audioSeconds, 0) / seconds,
  };
}
