import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { achievementOf, type Completion } from './achievement.ts';
import { StageTally } from './recorder-tally.ts';

function tallyOf(completions: readonly Completion[]): StageTally {
  const tally = new StageTally();
  for (const { endMs, audioSeconds } of completions) {
    tally.add(endMs, audioSeconds);
  }
  return tally;
}

const stageMs = 60_000;
const completion = fc.record({
  endMs: fc.double({ min: -100, max: stageMs + 100, noNaN: true }),
  audioSeconds: fc.integer({ min: 0, max: 60 }),
});

/** Twice as fast in the second half of the stage. */
function speedingUp(count: number): Completion[] {
  const gapMs = stageMs / count;
  return Array.from({ length: count }, (_, n) => ({
    endMs: n < count / 3 ? n * 1.5 * gapMs : stageMs / 2 + (n - count / 3) * 0.75 * gapMs,
    audioSeconds: 2,
  }));
}

describe('the tally of a stage', () => {
  it('has the rate of the answers themselves while they are few, in any order', () => {
    const isSame = fc.property(fc.array(completion, { maxLength: 200 }), (completions) => {
      expect(tallyOf(completions).achievement(0, stageMs)).toEqual(achievementOf(completions, 0, stageMs));
    });
    fc.assert(isSame);
  });

  it.each([
    ['the last that are kept one by one', 4095],
    ['the first that are not', 4096],
    ['a mark that is not whole', 10_001],
    ['many', 300_000],
  ])('has it within a thousandth for %s', (_, count) => {
    const completions = speedingUp(count);
    const exact = achievementOf(completions, 0, stageMs);
    const told = tallyOf(completions).achievement(0, stageMs);
    expect((told?.requestsPerSecond ?? 0) / (exact?.requestsPerSecond ?? 0)).toBeCloseTo(1, 3);
    expect((told?.audioSecondsPerSecond ?? 0) / (exact?.audioSecondsPerSecond ?? 0)).toBeCloseTo(1, 3);
  });

  it('has none without an answer inside', () => {
    expect(tallyOf([]).achievement(0, stageMs)).toBeNull();
    expect(tallyOf([{ endMs: stageMs + 1, audioSeconds: 1 }]).achievement(0, stageMs)).toBeNull();
  });
});
