import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256OfChunks } from '../base/digest.ts';
import { BenchError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { prompts } from './prompts.ts';
import { vocabulary } from './texts/vocabulary.ts';

const place = 'corpora/x.yaml:6:1 params';

function make(params: Record<string, unknown>, count = 8, seed = 'test'): readonly CorpusItem[] {
  const context = { name: 'x', count, random: createRandom(seed), place, folder: '.' };
  return prompts.items({ by: 'tokens', ...params }, context);
}

function ofTokens(from: number, to = from): Record<string, unknown> {
  return { buckets: [{ from, to, share: 1 }] };
}

function bytesOf(item: CorpusItem, range?: { start: number; end: number }): Buffer {
  return Buffer.concat(Array.from(item.chunks(range), (chunk) => Buffer.from(chunk)));
}

function only(items: readonly CorpusItem[]): CorpusItem {
  const [item] = items;
  if (item === undefined || items.length !== 1) {
    throw new Error(`one item is expected, not ${items.length}`);
  }
  return item;
}

/** Words, full stops and question marks, by a second way of counting; hyphens join words of their own. */
function countedTokens(text: string): number {
  return text.split(/[ -]/).length + [...text].filter((letter) => letter === '.' || letter === '?').length;
}

describe('golden bytes (if one is meant to change, raise the version of the generator)', () => {
  it.each([
    {
      what: '32 tokens',
      params: ofTokens(32),
      sha256: '981db2b5f5272f382ee1c356103d7afbe989f7b11350f5b6835369c9c1e906e0',
    },
    {
      what: '2000 tokens',
      params: ofTokens(2000),
      sha256: '5e5d18a4334a643347e923896f424f4b5fb9ca5f49f2849d8d14d67e8f410473',
    },
    {
      what: '500 tokens, 130 of them shared',
      params: { ...ofTokens(500), sharedPrefixTokens: 130 },
      sha256: '8226485aebc920077a8f79eaaa6f8f3244faa126845378f9547bdc37c7ec2cc6',
    },
  ])('a prompt of $what is the same on every runtime', ({ params, sha256 }) => {
    expect(sha256OfChunks(only(make(params, 1)).chunks())).toBe(sha256);
  });

  it('the vocabulary has 256 words of four letters, all different', () => {
    expect(vocabulary).toHaveLength(256);
    expect(new Set(vocabulary).size).toBe(256);
    expect(vocabulary.every((word) => /^[a-z]{4}$/.test(word))).toBe(true);
  });
});

describe('a prompt', () => {
  it('tells its code word once and asks for it at the end', () => {
    for (const item of make(ofTokens(32, 900), 40)) {
      const text = bytesOf(item).toString('latin1');
      const { answer } = item.truth;
      expect(text.split(`The code word is ${answer}. `)).toHaveLength(2);
      expect(text.split(String(answer))).toHaveLength(2);
      expect(text.endsWith('What is the code word? The code word is')).toBe(true);
      expect(text).toMatch(/^[a-zA-Z .?-]+$/);
      expect(text).not.toContain('  ');
    }
  });

  it('has the length that was announced, in bytes and about in tokens, for every length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 32, max: 5000 }), fc.integer({ min: 0, max: 4968 }), (tokens, shared) => {
        fc.pre(shared + 40 <= tokens);
        const item = only(make({ ...ofTokens(tokens), sharedPrefixTokens: shared }, 1));
        const text = bytesOf(item).toString('latin1');
        expect(text).toHaveLength(item.bytes);
        expect(item.traits).toEqual({ estimatedTokens: tokens, characters: item.bytes });
        expect(Math.abs(countedTokens(text) - tokens)).toBeLessThanOrEqual(2);
      }),
      { numRuns: 60 },
    );
  });

  it('shares no word of its beginning and no code word with the others', () => {
    const items = make(ofTokens(40), 3000);
    const starts = items.map((item) => bytesOf(item, { start: 0, end: 14 }).toString('latin1'));
    expect(new Set(starts).size).toBe(3000);
    expect(new Set(items.map((item) => item.truth['answer'])).size).toBe(3000);
    expect(new Set(starts.map((start) => start.slice(0, 4))).size).toBeGreaterThan(200);
  });

  it('is the same the next time, and another with another seed', () => {
    const hash = (seed: string): string[] =>
      make(ofTokens(100, 300), 5, seed).map((item) => sha256OfChunks(item.chunks()));
    expect(hash('a')).toEqual(hash('a'));
    expect(new Set([...hash('a'), ...hash('b')]).size).toBe(10);
  });

  it('begins like the others for as many tokens as are shared, and no longer', () => {
    const items = make({ ...ofTokens(400), sharedPrefixTokens: 130 }, 6);
    const texts = items.map((item) => bytesOf(item).toString('latin1'));
    const sharedBytes = 10 * 61;
    expect(new Set(texts.map((text) => text.slice(0, sharedBytes))).size).toBe(1);
    expect(new Set(texts.map((text) => text.slice(sharedBytes, sharedBytes + 14))).size).toBe(6);
  });

  it('gives in any range the bytes of the whole', () => {
    const item = only(make({ ...ofTokens(3000), sharedPrefixTokens: 500 }, 1));
    const whole = bytesOf(item);
    fc.assert(
      fc.property(fc.nat(item.bytes), fc.nat(item.bytes + 100), (a, b) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        expect(bytesOf(item, range).equals(whole.subarray(range.start, range.end))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('of a million tokens opens at once, is read from its end at once, and yields one buffer of at most 64 KiB', () => {
    const item = only(make(ofTokens(1_000_000), 1));
    expect(item.bytes).toBeGreaterThan(4_600_000);
    const seen = new Set<ArrayBufferLike>();
    for (const chunk of item.chunks({ start: item.bytes - 200_001, end: item.bytes })) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      seen.add(chunk.buffer);
    }
    expect(seen.size).toBe(1);
  });

  it('holds its code word anywhere, early and late', () => {
    const places = make(ofTokens(1000), 60).map(
      (item) => bytesOf(item).indexOf('The code word is', 0, 'latin1') / item.bytes,
    );
    expect(Math.min(...places)).toBeLessThan(0.15);
    expect(Math.max(...places)).toBeGreaterThan(0.8);
  });
});

describe('parameters of prompts', () => {
  it('meet the shares exactly and fill the buckets evenly', () => {
    const buckets = [
      { from: 32, to: 100, share: 0.75 },
      { from: 1000, to: 2000, share: 0.25 },
    ];
    const tokens = make({ buckets, order: 'interleaved' }, 80).map((item) => item.traits['estimatedTokens'] ?? 0);
    expect(tokens.filter((value) => value >= 32 && value <= 100)).toHaveLength(60);
    expect(tokens.filter((value) => value >= 1000 && value <= 2000)).toHaveLength(20);
    expect(tokens.slice(0, 8).filter((value) => value >= 1000)).toHaveLength(2);
  });

  it.each([
    {
      why: 'a prompt too short for its code word',
      params: ofTokens(31, 100),
      says: 'params.buckets.0.from: Too small: expected number to be >=32.',
      hint: 'README',
    },
    {
      why: 'a shared prefix that leaves no room',
      params: { ...ofTokens(100, 200), sharedPrefixTokens: 91 },
      says: 'params.buckets.0.from: a prompt with a shared prefix of 91 tokens has at least 123.',
      hint: 'Write "from: 123"',
    },
    {
      why: 'a bucket that runs backwards',
      params: ofTokens(200, 100),
      says: 'params.buckets.0: `from` is above `to`.',
      hint: 'Swap',
    },
    {
      why: 'an unknown key',
      params: { ...ofTokens(100), sharedPrefixToken: 5 },
      says: 'params: there is no parameter "sharedPrefixToken".',
      hint: 'Did you mean "sharedPrefixTokens"?',
    },
    { why: 'half a token', params: ofTokens(32.5), says: 'params.buckets.0.from:', hint: 'README' },
  ])('with $why are refused, with place and next step', ({ params, says, hint }) => {
    let refusal: unknown = null;
    try {
      make(params);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(BenchError);
    expect(String(refusal)).toContain(`corpora/x.yaml:6:1 ${says}`);
    expect((refusal as BenchError).hint).toContain(hint);
  });
});
