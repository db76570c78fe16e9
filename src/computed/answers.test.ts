import { describe, expect, it } from 'vitest';
import { record } from '../testing/build.ts';
import { wordErrorRate } from './answers.ts';

describe('the word error rate', () => {
  it.each([
    { why: 'no reply was held against a text', of: [{}, {}], rate: null },
    {
      why: 'long replies weigh more than short ones',
      of: [
        { spokenWords: 90, wordErrors: 9 },
        { spokenWords: 10, wordErrors: 0 },
      ],
      rate: 0.09,
    },
    {
      why: 'a wrong answer counts too',
      of: [
        { spokenWords: 10, wordErrors: 10, outcome: 'semantic_error' as const },
        { spokenWords: 10, wordErrors: 0 },
      ],
      rate: 0.5,
    },
    { why: 'what was not checked does not count as right', of: [{ spokenWords: 4, wordErrors: 1 }, {}], rate: 0.25 },
  ])('is $rate if $why', ({ of, rate }) => {
    expect(wordErrorRate(of.map((over, seq) => record(seq, over)))).toBe(rate);
  });
});
