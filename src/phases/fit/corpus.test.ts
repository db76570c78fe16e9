import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../base/random.ts';
import { imageJpeg } from '../../generators/image-jpeg.ts';
import { prompts } from '../../generators/prompts.ts';
import { speechLongform } from '../../generators/speech-longform.ts';
import { folderWith, jpegStart, writeSilence } from '../../testing/media-folder.ts';
import { openCorpus } from '../corpus/open-corpus.ts';
import { type FitRequest, type FittedCorpus, fitCorpus } from './corpus.ts';

const generators = [speechLongform, imageJpeg, prompts];
let folder = '';
beforeAll(() => {
  folder = folderWith({});
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function request(source: string, changed: Partial<FitRequest> = {}): FitRequest {
  return {
    source,
    name: 'fitted',
    title: null,
    licence: 'Apache-2.0',
    rules: { buckets: null, count: null },
    column: null,
    kind: null,
    ...changed,
  };
}

function fitTable(text: string, changed: Partial<FitRequest> = {}): Promise<FittedCorpus> {
  const path = join(folder, 'sizes.csv');
  writeFileSync(path, text);
  return fitCorpus(request(path, changed), generators);
}

/** At most one item more or less than the source's share, and none outside. */
function worstDifference({ parts, outside }: FittedCorpus): number {
  return Math.max(outside, ...parts.map(({ wantedCount, recipeCount }) => Math.abs(recipeCount - wantedCount)));
}

/** Lengths of recordings are spread about so: many short, a few very long. */
function longTail(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => {
    const real = random.real();
    return (4 * (0.2 + real)) / (1.02 - real);
  });
}

describe('fitCorpus of a folder with 300 recordings', () => {
  const lengths = longTail(createRandom('recordings'), 300);
  let source = '';
  let fitted: FittedCorpus;
  beforeAll(async () => {
    source = folderWith({ 'readme.txt': 'not an item', 'torn.wav': 'RIFF....WAVE' });
    for (const [index, seconds] of lengths.entries()) {
      writeSilence(join(source, `interview-with-jane-${index}.wav`), seconds, index % 3 === 0 ? 44_100 : 16_000);
    }
    fitted = await fitCorpus(request(source), generators);
  });
  afterAll(() => {
    rmSync(source, { recursive: true });
  });

  it('gives as many items, and every part agrees within one', () => {
    expect(fitted.count).toBe(300);
    expect(fitted.parts.length).toBeGreaterThan(8);
    expect(worstDifference(fitted)).toBeLessThanOrEqual(1);
  });

  it('opens to the same total and nearly the same longest', () => {
    const { items } = openCorpus(fitted.recipeText, 'fitted.yaml', generators);
    const made = items.map(({ traits }) => traits['audioSeconds'] ?? 0);
    const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
    expect(sum(made) / sum(lengths)).toBeCloseTo(1, 2);
    expect(Math.max(...made) / Math.max(...lengths)).toBeGreaterThan(0.9);
  });

  it('holds no name, no content and no length to more than three digits', () => {
    expect(fitted.recipeText).not.toMatch(/jane|interview|readme/);
    const numbers = fitted.recipeText.match(/(?<=(from|to|meanSeconds): )[\d.]+/g) ?? [];
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.every((text) => Number(Number(text).toPrecision(3)) === Number(text))).toBe(true);
  });

  it('has no part of fewer than three files', () => {
    expect(Math.min(...fitted.parts.map(({ sourceCount }) => sourceCount))).toBeGreaterThanOrEqual(3);
  });

  it('takes the most common sample rate, and says what was left out', () => {
    expect(fitted.recipeText).toContain('sampleRate: 16000');
    expect(fitted.unusable).toEqual([{ file: 'torn.wav', reason: expect.stringContaining('WAV') as string }]);
    expect(fitted.notes).toContain('Taken for company, not for items: 1 text file.');
  });

  it('is the same recipe the next time', async () => {
    expect((await fitCorpus(request(source), generators)).recipeText).toBe(fitted.recipeText);
  });
});

describe('fitCorpus of 300 images', () => {
  it('keeps the common sizes, and every part agrees within one', async () => {
    const random = createRandom('images');
    const files = Array.from({ length: 300 }, (_, index) => {
      const [width, height] = index < 150 ? [1024, 768] : [100 + random.below(900), 100 + random.below(900)];
      const bytes = Math.round(width * height * (0.1 + 0.3 * random.real())) + 1000;
      return [`${index}.jpg`, jpegStart(width, height, bytes)] as const;
    });
    const source = folderWith(Object.fromEntries(files));
    const fitted = await fitCorpus(request(source), generators);
    rmSync(source, { recursive: true });
    expect(worstDifference(fitted)).toBeLessThanOrEqual(1);
    expect(fitted.recipeText).toContain('width: 1024, height: 768');
    const [pixels] = fitted.measures;
    const sum = (values: readonly number[] = []): number => values.reduce((all, value) => all + value, 0);
    expect(sum(pixels?.recipe) / sum(pixels?.source)).toBeCloseTo(1, 1);
  });
});

describe('fitCorpus of numbers', () => {
  const bends = [
    { column: 'seconds', factor: 1 },
    { column: 'bytes', factor: 16_000 },
    { column: 'tokens', factor: 40 },
  ];
  it.each(bends)('agrees within one item for any $column', async ({ column, factor }) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), fc.integer(), async (count, seed) => {
        const rows = longTail(createRandom(String(seed)), count).map((value) => Math.ceil(value * factor * 100) / 100);
        const fitted = await fitTable(`${column}\n${rows.join('\n')}\n`);
        expect(fitted.count).toBe(count);
        expect(worstDifference(fitted)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 6 },
    );
  });

  it('agrees within one item for any other number of items', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 900 }), fc.integer(), async (count, seed) => {
        const rows = longTail(createRandom(String(seed)), 200).map((value) => value.toFixed(3));
        const fitted = await fitTable(`seconds\n${rows.join('\n')}\n`, { rules: { buckets: null, count } });
        expect(fitted.count).toBe(count);
        expect(worstDifference(fitted)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 6 },
    );
  });

  it('counts an item on an edge that two parts share for the part that lacks one', async () => {
    const rows = longTail(createRandom('-17'), 200).map((value) => value.toFixed(3));
    const fitted = await fitTable(`seconds\n${rows.join('\n')}\n`, { rules: { buckets: null, count: 369 } });
    expect(worstDifference(fitted)).toBeLessThanOrEqual(1);
  });

  it.each([
    { why: 'one length for all', text: `seconds\n${'30\n'.repeat(50)}`, holds: '{ from: 30, to: 30, count: 50 }' },
    { why: 'a single item', text: 'seconds\n33.4321\n', holds: '{ from: 33, to: 34, count: 1 }' },
    { why: 'a blip shorter than a word', text: 'seconds\n0.1\n', holds: '{ from: 0.8, to: 0.8, count: 1 }' },
    { why: 'a year', text: 'seconds\n31536000\n', holds: '{ from: 36000, to: 36000, count: 1 }' },
    { why: 'odd bytes', text: 'bytes\n100001\n100001\n100001\n', holds: '{ from: 100002, to: 100002, count: 3 }' },
    { why: 'a word of text', text: 'tokens\n1\n1\n1\n', holds: 'count: 3 }' },
    { why: 'one pixel', text: 'width,height\n1,1\n', holds: 'width: 1, height: 1' },
    { why: 'sides without bytes', text: `width,height\n${'640,480\n'.repeat(5)}`, holds: 'bitsPerPixel: 1,' },
    {
      why: 'an image too heavy for its pixels',
      text: `width,height,bytes\n${'64,64,9000000\n'.repeat(3)}`,
      holds: 'count: 3',
    },
    {
      why: 'an image too light for its pixels',
      text: `width,height,bytes\n${'4000,3000,200\n'.repeat(3)}`,
      holds: 'count: 3',
    },
  ])('makes a recipe that opens of $why', async ({ text, holds }) => {
    const fitted = await fitTable(text);
    expect(fitted.recipeText).toContain(holds);
    expect(openCorpus(fitted.recipeText, 'fitted.yaml', generators).items).toHaveLength(fitted.count);
  });

  it('reads small files as 8 kHz, since they hold no word at 16 kHz', async () => {
    expect((await fitTable(`bytes\n${'16000\n'.repeat(9)}`)).recipeText).toContain('sampleRate: 8000');
  });

  it.each([
    { why: 'a name that is no name', changed: { name: 'Our Calls' }, hint: 'Write it like our-calls.' },
    { why: 'no bucket', changed: { rules: { buckets: 0, count: null } }, hint: 'Leave it out.' },
    { why: 'no item', changed: { rules: { buckets: null, count: 0 } }, hint: 'Leave it out for as many' },
    { why: 'a kind that is not there', changed: { kind: 'images' as const }, hint: 'Name the columns so' },
  ])('refuses $why', async ({ changed, hint }) => {
    await expect(fitTable('seconds\n1\n', changed)).rejects.toThrowError(
      expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining(hint) as string }),
    );
  });
});
