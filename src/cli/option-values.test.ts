import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type GuardOption, guard, guardRatioOf, repeatCount } from './option-values.ts';

/** As a user's words come out of the command line. */
function guardOf(words: readonly string[]): number | null {
  const command = new Command().option('--guard <share>', '', guard, 0.9).exitOverride();
  return guardRatioOf(command.parse([...words], { from: 'user' }).opts<{ guard: GuardOption }>().guard);
}

describe('option-values', () => {
  it.each([
    ['is on unless it is named', [], 0.9],
    ['is a share', ['--guard', '75%'], 0.75],
    ['may have a fraction', ['--guard', '92.5%'], 0.925],
    ['is dropped by name, and not set to nothing', ['--guard', 'off'], null],
  ])('--guard %s', (_what, words, expected) => {
    expect(guardOf(words)).toBe(expected);
  });

  it.each(['0%', '101%', '0.9', 'no', ''])('--guard refuses "%s"', (text) => {
    expect(() => guard(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it.each(['0', '101', '-1', '1.5'])('--repeats refuses "%s"', (text) => {
    expect(() => repeatCount(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
