import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { parseRecipe } from './parse-recipe.ts';

const good = `name: calls
title: Calls
generator: speech-longform
seed: 7
count: 3
params:
  sampleRate: 16000
licence: Apache-2.0
`;

function refusal(text: string): BenchError {
  try {
    parseRecipe(text, 'corpora/calls.yaml');
  } catch (error) {
    if (error instanceof BenchError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseRecipe', () => {
  it('reads a recipe and keeps the places of what is checked later', () => {
    expect(parseRecipe(good, 'corpora/calls.yaml')).toEqual({
      name: 'calls',
      title: 'Calls',
      generator: 'speech-longform',
      seed: 7,
      count: 3,
      params: { sampleRate: 16_000 },
      digest: null,
      contentDigest: null,
      licence: 'Apache-2.0',
      places: {
        generator: 'corpora/calls.yaml:3:1 generator',
        params: 'corpora/calls.yaml:6:1 params',
        digest: 'corpora/calls.yaml:1:1 digest',
        contentDigest: 'corpora/calls.yaml:1:1 contentDigest',
      },
    });
  });

  it.each([
    { why: 'an unknown key', text: good.replace('seed', 'sead'), at: '4:1 sead:', hint: 'Did you mean "seed"?' },
    { why: 'a key far from all', text: `${good}zzzzzzzz: 1\n`, at: '9:1 zzzzzzzz:', hint: 'corpora/README.md' },
    { why: 'a count of zero', text: good.replace('count: 3', 'count: 0'), at: '5:1 count:', hint: 'corpora/README.md' },
    { why: 'a text for a number', text: good.replace('seed: 7', 'seed: x'), at: '4:1 seed:', hint: 'README' },
    { why: 'a name with capitals', text: good.replace('name: calls', 'name: Calls'), at: '1:1 name:', hint: 'README' },
    { why: 'a short digest', text: `${good}digest: abc\n`, at: '9:1 digest:', hint: 'README' },
    { why: 'a missing key', text: good.replace('licence: Apache-2.0\n', ''), at: '1:1 licence:', hint: 'README' },
    { why: 'params that are a list', text: good.replace('  sampleRate: 16000', '  - 1'), at: '6:1 params:', hint: '' },
    { why: 'a key given twice', text: `${good}seed: 8\n`, at: '9:1 ', hint: 'Mend the YAML' },
    { why: 'broken YAML', text: good.replace('title: Calls', 'title: [Calls'), at: ':', hint: 'Mend the YAML' },
    { why: 'an empty file', text: '', at: '1:1', hint: 'README' },
  ])('refuses $why, with its place and one line', ({ text, at, hint }) => {
    const error = refusal(text);
    expect(error.code).toBe('RECIPE_INVALID');
    expect(error.message).toContain(`corpora/calls.yaml:${at.replace(/^:/, '')}`);
    expect(error.message).not.toContain('\n');
    expect(error.hint).toContain(hint);
  });
});
