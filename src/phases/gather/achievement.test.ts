import { describe, expect, it } from 'vitest';
import { achievementOf } from './achievement.ts';

const at = (...endMs: number[]): { endMs: number; audioSeconds: number }[] =>
  endMs.map((ms) => ({ endMs: ms, audioSeconds: 10 }));

describe('what a stage achieved', () => {
  it.each([
    ['nothing without a completion inside', at(-1, 11_000), null],
    ['one completion by the length of the stage', at(5000), { requestsPerSecond: 0.1, audioSecondsPerSecond: 1 }],
    [
      'few completions from the first to the last',
      at(1000, 2000, 5000),
      { requestsPerSecond: 0.5, audioSecondsPerSecond: 5 },
    ],
    [
      'many completions by the second half alone, in any order',
      at(9000, 100, 200, 300, 6000, 7000, 8000),
      { requestsPerSecond: 1, audioSecondsPerSecond: 10 },
    ],
    [
      'completions of one instant by the length of the stage',
      at(9000, 9000, 9000),
      { requestsPerSecond: 0.3, audioSecondsPerSecond: 3 },
    ],
  ])('is %s', (_why, completions, expected) => {
    expect(achievementOf(completions, 0, 10_000)).toEqual(expected);
  });
});
