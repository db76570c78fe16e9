import type { StageAchievement } from '../../model/plan.ts';
import { achievementOf, type Completion } from './achievement.ts';

/** Marks of a stage at most; 64 KiB of numbers. From there on two become one, so that a mark stands for more. */
const mostMarks = 4096;

/**
 * The answers of one stage for the rate that it achieved, in memory that does not grow: each by itself at first,
 * later a mark for every second, fourth, eighth. Between two marks the count is exact, and the half of the stage is
 * found to 1/2048 of its answers.
 */
export class StageTally {
  /** The last end among the answers of a mark, and their seconds of audio together. */
  #marks: Completion[] = [];
  #answersPerMark = 1;
  /** Of the mark that is not whole. */
  #answers = 0;
  #endMs = Number.NEGATIVE_INFINITY;
  #audioSeconds = 0;

  add(endMs: number, audioSeconds: number): void {
    this.#answers += 1;
    this.#endMs = Math.max(this.#endMs, endMs);
    this.#audioSeconds += audioSeconds;
    if (this.#answers < this.#answersPerMark) {
      return;
    }
    this.#marks.push({ endMs: this.#endMs, audioSeconds: this.#audioSeconds });
    this.#answers = 0;
    this.#endMs = Number.NEGATIVE_INFINITY;
    this.#audioSeconds = 0;
    if (this.#marks.length === mostMarks) {
      this.#halve();
    }
  }

  achievement(startMs: number, endMs: number): StageAchievement | null {
    const ofMarks = achievementOf(this.#marks, startMs, endMs);
    return ofMarks === null
      ? null
      : { ...ofMarks, requestsPerSecond: ofMarks.requestsPerSecond * this.#answersPerMark };
  }

  #halve(): void {
    const pairs: Completion[] = [];
    for (let at = 0; at + 1 < this.#marks.length; at += 2) {
      const [first, second] = this.#marks.slice(at, at + 2) as [Completion, Completion];
      pairs.push({
        endMs: Math.max(first.endMs, second.endMs),
        audioSeconds: first.audioSeconds + second.audioSeconds,
      });
    }
    this.#marks = pairs;
    this.#answersPerMark *= 2;
  }
}
