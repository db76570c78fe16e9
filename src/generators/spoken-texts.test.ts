import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256OfChunks } from '../base/digest.ts';
import { BenchError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { spokenTexts } from './spoken-texts.ts';
import { digitWords, numberWords } from './texts/number-words.ts';

const place = 'corpora/x.yaml:6:1 params';

function make(params: Record<string, unknown>, count = 8, seed = 'test'): readonly CorpusItem[] {
  const context = { name: 'x', count, random: createRandom(seed), place, folder: '.' };
  return spokenTexts.items({ by: 'characters', ...params }, context);
}

function ofCharacters(from: number, to = from): Record<string, unknown> {
  return { buckets: [{ from, to, share: 1 }] };
}

function textOf(item: CorpusItem, range?: { start: number; end: number }): string {
  return Buffer.concat(Array.from(item.chunks(range), (chunk) => Buffer.from(chunk))).toString('latin1');
}

it('the texts are the same on every runtime (if they are meant to change, raise the version of the generator)', () => {
  expect(make(ofCharacters(40, 700), 3).map((item) => sha256OfChunks(item.chunks()))).toEqual([
    '3bd1a578d88a49254b985555208ee7b02fee7b0f6d73e9e9530c0d87f93628e5',
    '7c69ead841d7f307be135659dae3e027a1f7c59ef252516ca58772c7cbc1aafb',
    '08ef9facf60ba18d631732bb94a30a8d6556f46b2c418ac922eac5feb9ec05b1',
  ]);
});

describe('a text to be spoken', () => {
  it('has exactly the characters that were planned, whatever their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 27, max: 5000 }), fc.integer(), (characters, seed) => {
        for (const item of make(ofCharacters(characters), 3, String(seed))) {
          expect(textOf(item)).toHaveLength(characters);
          expect(item).toMatchObject({ bytes: characters, traits: { characters } });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is made of sentences, without digits and without what JSON must escape', () => {
    for (const item of make(ofCharacters(60, 1500), 60)) {
      const text = textOf(item);
      expect(text).toMatch(/^[A-Za-z ,.?]+$/);
      for (const sentence of text.split(/(?<=[.?]) /)) {
        expect(sentence).toMatch(/^[A-Z][^.?]*[a-z][.?]$/);
        expect(sentence).not.toContain('  ');
      }
    }
  });

  it('begins with its own number, so that no two are the same', () => {
    const texts = make(ofCharacters(44), 1000).map((item) => textOf(item));
    expect(texts[407]).toMatch(/^Text four zero seven\. /);
    expect(new Set(texts).size).toBe(1000);
  });

  it('is the same the next time, and another with another seed', () => {
    const texts = (seed: string): string[] => make(ofCharacters(300), 5, seed).map((item) => textOf(item));
    expect(texts('a')).toEqual(texts('a'));
    expect(new Set([...texts('a'), ...texts('b')]).size).toBe(10);
  });

  it('gives in any range the bytes of the whole', () => {
    const [item] = make(ofCharacters(900), 1);
    if (item === undefined) {
      throw new Error('one item is expected');
    }
    fc.assert(
      fc.property(fc.nat(900), fc.nat(1000), (a, b) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        expect(textOf(item, range)).toBe(textOf(item).slice(range.start, range.end));
      }),
    );
  });
});

describe('a number in words', () => {
  it.each([
    { value: 0, words: 'zero' },
    { value: 13, words: 'thirteen' },
    { value: 20, words: 'twenty' },
    { value: 42, words: 'forty two' },
    { value: 100, words: 'one hundred' },
    { value: 101, words: 'one hundred and one' },
    { value: 999, words: 'nine hundred and ninety nine' },
    { value: 1000, words: 'one thousand' },
    { value: 1007, words: 'one thousand and seven' },
    { value: 9999, words: 'nine thousand nine hundred and ninety nine' },
  ])('$value is "$words"', ({ value, words }) => {
    expect(numberWords(value)).toBe(words);
  });

  it('is said digit by digit with zeros in front', () => {
    expect(digitWords(7, 3)).toBe('zero zero seven');
  });
});

describe('parameters of texts', () => {
  it('meet the shares exactly', () => {
    const buckets = [
      { from: 60, to: 200, share: 0.5 },
      { from: 1000, to: 4000, share: 0.5 },
    ];
    const lengths = make({ buckets }, 20).map((item) => item.bytes);
    expect(lengths.filter((length) => length <= 200)).toHaveLength(10);
    expect(lengths.filter((length) => length >= 1000 && length <= 4000)).toHaveLength(10);
  });

  it.each([
    {
      why: 'too few characters for so many texts',
      params: ofCharacters(30, 100),
      count: 1000,
      says: 'params.buckets.0.from: a text of 1000 that all differ has at least 37 characters.',
      hint: 'Write "from: 37"',
    },
    {
      why: 'a text that cannot be told from any other',
      params: ofCharacters(10, 100),
      count: 2,
      says: 'params.buckets.0.from: Too small',
      hint: 'README',
    },
    {
      why: 'a bucket that runs backwards',
      params: ofCharacters(200, 100),
      count: 2,
      says: 'params.buckets.0: `from` is above `to`.',
      hint: 'Swap',
    },
    { why: 'seconds', params: { by: 'seconds' }, count: 2, says: 'params.by:', hint: 'README' },
  ])('with $why are refused, with place and next step', ({ params, count, says, hint }) => {
    let refusal: unknown = null;
    try {
      make(params, count);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(BenchError);
    expect(String(refusal)).toContain(`corpora/x.yaml:6:1 ${says}`);
    expect((refusal as BenchError).hint).toContain(hint);
  });
});
