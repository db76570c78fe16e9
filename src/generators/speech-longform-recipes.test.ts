import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeAudioCode } from '../base/audio-code.ts';
import { headerFrame } from '../base/audio-frames.ts';
import { symbolPcm } from '../base/audio-tones.ts';
import { sha256OfChunks } from '../base/digest.ts';
import { createRandom } from '../base/random.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { parseRecipe } from '../model/parse-recipe.ts';
import { speechLongform } from './speech-longform.ts';

function fromRecipe(name: string): readonly CorpusItem[] {
  const file = `corpora/${name}.yaml`;
  const recipe = parseRecipe(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file);
  const random = createRandom(`corpus/${recipe.generator}/${recipe.seed}`);
  return speechLongform.items(recipe.params, { name, count: recipe.count, random, place: file, folder: 'corpora' });
}

function secondsOf(items: readonly CorpusItem[]): number[] {
  return items.map((item) => item.traits['audioSeconds'] ?? Number.NaN);
}

describe('golden bytes (if one is meant to change, raise the version of the generator)', () => {
  it.each([
    { corpus: 'stt-short', index: 0, sha256: 'e2b54c036fa55af05d564b2e38ed4059fb7528713f618e1fba693f2817a16b9d' },
    { corpus: 'stt-short', index: 199, sha256: '228ba0217bb88c2d36863d9ae12925f90c6ce15f5789d9a565dae6847c16a3ee' },
    { corpus: 'stt-longform', index: 17, sha256: '10365a6ec940746693229e5e383e8812595fb0d00a62ec7c12de0afe0559e04b' },
    { corpus: 'stt-callcenter', index: 0, sha256: '66ad13a0db3ee22b9b27e3233eaa21471fa6f2c0254f5d7ac8a73d4fc89d426f' },
    {
      corpus: 'stt-callcenter-16k',
      index: 0,
      sha256: '8cd21938d0c611a45a14ee6cd862b3b7e9a3fa6c266ff3997e1db22332bcfdbb',
    },
  ])('clip $index of $corpus is the same on every runtime', ({ corpus, index, sha256 }) => {
    expect(sha256OfChunks(fromRecipe(corpus)[index]?.chunks() ?? [])).toBe(sha256);
  });
});

describe('the shipped corpora', () => {
  let long: number[];
  let short: number[];
  beforeAll(() => {
    long = secondsOf(fromRecipe('stt-longform'));
    short = secondsOf(fromRecipe('stt-short'));
  });

  it('stt-longform has its shares exactly: 2 short clips, 54 of 1 to 5 minutes, 8 of 5 to 15', () => {
    expect(long).toHaveLength(64);
    expect(long.filter((seconds) => seconds >= 20 && seconds < 60)).toHaveLength(2);
    expect(long.filter((seconds) => seconds >= 60 && seconds < 300)).toHaveLength(54);
    expect(long.filter((seconds) => seconds >= 300 && seconds <= 900)).toHaveLength(8);
  });

  it('every eight clips of stt-longform have one of the tail', () => {
    for (let start = 0; start < 64; start += 8) {
      expect(long.slice(start, start + 8).filter((seconds) => seconds >= 300)).toHaveLength(1);
    }
  });

  it('stt-short lasts 4 to 20 s and 7.4 s on average', () => {
    expect(short).toHaveLength(200);
    expect(Math.min(...short)).toBeGreaterThanOrEqual(4);
    expect(Math.max(...short)).toBeLessThanOrEqual(20);
    expect(short.reduce((all, seconds) => all + seconds, 0) / 200).toBeCloseTo(7.4, 4);
  });
});

describe('the call centre', () => {
  let narrow: readonly CorpusItem[];
  let wide: readonly CorpusItem[];
  beforeAll(() => {
    narrow = fromRecipe('stt-callcenter');
    wide = fromRecipe('stt-callcenter-16k');
  });

  it('has 20 GB in 16,694 clips, and of each size as many as were reported', () => {
    const sizes = narrow.map(({ bytes }) => bytes);
    const between = (from: number, to: number): number => sizes.filter((bytes) => bytes >= from && bytes < to).length;
    expect(sizes.reduce((all, bytes) => all + bytes, 0)).toBe(20_000_000_000);
    expect([between(0, 200_000), between(200_000, 1e6), between(1e6, 5e6), between(5e6, 15e6)]).toEqual([
      4468, 9145, 2764, 317,
    ]);
    expect(sizes.every((bytes) => bytes % 2 === 0)).toBe(true);
  });

  it('every thousand clips have 1.5 to 2.5 % of the longest', () => {
    for (let start = 0; start + 1000 <= narrow.length; start += 1000) {
      const long = narrow.slice(start, start + 1000).filter(({ bytes }) => bytes >= 5e6).length;
      expect(long).toBeGreaterThanOrEqual(15);
      expect(long).toBeLessThanOrEqual(25);
    }
  });

  it('lasts as long at 16 kHz, clip by clip', () => {
    const wideSeconds = secondsOf(wide);
    const apart = secondsOf(narrow).map((seconds, index) => Math.abs(seconds - (wideSeconds[index] ?? Number.NaN)));
    expect(Math.max(...apart)).toBeLessThanOrEqual(2 / 8000);
  });
});

describe('a marathon', () => {
  it('has eight recordings of ten minutes to eight hours, none beyond 1 GiB', () => {
    const items = fromRecipe('stt-marathon');
    const seconds = secondsOf(items);
    expect(items).toHaveLength(8);
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(600);
    expect(Math.max(...seconds)).toBe(28_800);
    expect(Math.max(...items.map(({ bytes }) => bytes))).toBe(921_600_044);
  });

  it('plants a word in every slot of eight hours, although the header stops counting at 65,535', () => {
    const longest = fromRecipe('stt-marathon').find(({ bytes }) => bytes === 921_600_044);
    const words = longest?.truth['tokens']?.split(' ') ?? [];
    expect(words).toHaveLength(71_999);
    const slotBytes = 2 * 6400;
    const tail = longest?.chunks({ start: 44 + 71_990 * slotBytes, end: 921_600_044 }) ?? [];
    const lastSlots = Buffer.concat(Array.from(tail, (chunk) => Buffer.from(chunk)));
    // Behind the header of a clip of ten words, the last ten slots are a clip of their own.
    const spliced = new Int16Array(11 * 6400);
    for (const [index, symbol] of headerFrame(1, 10).entries()) {
      spliced.set(symbolPcm(symbol, 16_000), index * 400);
    }
    spliced.set(new Int16Array(new Uint8Array(lastSlots).buffer), 6400);
    expect(decodeAudioCode(spliced, 16_000)?.words).toEqual(words.slice(-10));
  });
});
