import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256OfChunks } from '../base/digest.ts';
import { readJpegIdentity } from '../base/jpeg-identity.ts';
import { createRandom } from '../base/random.ts';
import type { ByteRange, CorpusItem } from '../model/corpus.ts';
import { parseRecipe } from '../model/parse-recipe.ts';
import { imageJpeg } from './image-jpeg.ts';
import { walkJpeg } from './jpeg/walk.fixture.ts';

const place = 'corpora/x.yaml:6:1 params';
const photo = { width: 640, height: 480, bytes: 60_000, share: 1 };
const onePhoto = { subsampling: '4:2:0', shapes: [photo] };

function make(params: unknown, count = 4, seed = 'test'): readonly CorpusItem[] {
  return imageJpeg.items(params, { name: 'x', count, random: createRandom(seed), place, folder: '.' });
}

function fromRecipe(name: string): readonly CorpusItem[] {
  const file = `corpora/${name}.yaml`;
  const recipe = parseRecipe(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file);
  const random = createRandom(`corpus/${recipe.generator}/${recipe.seed}`);
  return imageJpeg.items(recipe.params, { name, count: recipe.count, random, place: file, folder: 'corpora' });
}

function bytesOf(item: CorpusItem, range?: ByteRange): Buffer {
  // Each chunk is copied, since the generator uses its buffer again.
  return Buffer.concat(Array.from(item.chunks(range), (chunk) => Buffer.from(chunk)));
}

function itemAt(items: readonly CorpusItem[], index: number): CorpusItem {
  const item = items[index];
  if (item === undefined) {
    throw new Error(`no item ${index}`);
  }
  return item;
}

function sidesOf({ traits }: CorpusItem): { width: number; height: number } {
  return { width: traits['width'] ?? 0, height: traits['height'] ?? 0 };
}

function identityAtStart(item: CorpusItem): string | undefined {
  return readJpegIdentity(bytesOf(item, { start: 0, end: 262_144 }))?.toString();
}

describe('golden bytes (if one is meant to change, raise the version of the generator)', () => {
  it.each([
    { corpus: 'image-large', index: 0, sha256: 'ff5b55b8a12bfa70264a4f24053d5b58d2558c31c789813ba2bdf3d81d6fe03c' },
    { corpus: 'image-large', index: 913, sha256: '00c3602e25254b0636c7f1deb8743c57b5c938e1c88eed0981bdffb7a4d56a6b' },
    { corpus: 'image-typical', index: 2, sha256: 'e742b467d6688612c1a8f6105d3355872e83c01ca03515b97b0a4b128db073d9' },
    { corpus: 'image-shapes', index: 2, sha256: 'c81a8f06d63643bb1fc8592b8f0ce9d034607901d72cd9cdd66d664c491a6e6a' },
    {
      corpus: 'image-gigapixel-edge',
      index: 13,
      sha256: '796a0e76e6facf3678ddd1ec97df591ead6c0ba0c7c9f4bce260543a47617e7b',
    },
  ])('image $index of $corpus is the same on every runtime', ({ corpus, index, sha256 }) => {
    expect(sha256OfChunks(itemAt(fromRecipe(corpus), index).chunks())).toBe(sha256);
  });
});

describe('the shipped corpora', () => {
  it('image-large is 914 images of 24 MB and 4096 x 3072 pixels, each with an identity of its own', () => {
    const items = fromRecipe('image-large');
    expect(items).toHaveLength(914);
    expect(items.every(({ bytes, traits }) => bytes === 24_000_000 && traits['pixels'] === 4096 * 3072)).toBe(true);
    expect(new Set(items.map(({ truth }) => truth['imageId'])).size).toBe(914);
    expect(itemAt(items, 7)).toMatchObject({
      id: 'image-large/00007',
      fileName: 'image-large-00007.jpg',
      mediaType: 'image/jpeg',
      content: 'code',
      attachments: [],
    });
  });

  it('image-typical is images of 1.5 MB with five pairs of sides, all of which are in every twenty', () => {
    const items = fromRecipe('image-typical');
    expect(items.every(({ bytes }) => bytes === 1_500_000)).toBe(true);
    for (let start = 0; start < items.length; start += 20) {
      expect(new Set(items.slice(start, start + 20).map(({ traits }) => JSON.stringify(traits))).size).toBe(5);
    }
  });

  it('image-shapes has 400 different pairs of sides, from thumbnails to 12 megapixels, at most four to one', () => {
    const items = fromRecipe('image-shapes');
    const ratios = items.map(sidesOf).map(({ width, height }) => width / height);
    const pixels = items.map(({ traits }) => traits['pixels'] ?? 0).sort((a, b) => a - b);
    expect(new Set(items.map(sidesOf).map(({ width, height }) => `${width}x${height}`)).size).toBe(400);
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(0.25);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(4);
    expect(pixels[0]).toBeLessThan(10_000);
    expect(pixels.at(-1)).toBeGreaterThan(10_000_000);
    expect(pixels.at(-1)).toBeLessThanOrEqual(12_000_000);
  });

  it('image-gigapixel-edge has the longest sides that a JPEG can have, in at most 100 MB', () => {
    const items = fromRecipe('image-gigapixel-edge');
    expect(items.map(sidesOf)).toEqual(
      expect.arrayContaining([
        { width: 1, height: 1 },
        { width: 65_535, height: 64 },
        { width: 64, height: 65_535 },
        { width: 20_000, height: 20_000 },
      ]),
    );
    expect(Math.max(...items.map(({ bytes }) => bytes))).toBeLessThanOrEqual(100_000_000);
  });

  it.each(['image-large', 'image-typical', 'image-shapes', 'image-gigapixel-edge'])(
    'the first 256 KiB of an image of %s tell its identity, or that it has none',
    (corpus) => {
      const items = fromRecipe(corpus);
      const step = Math.ceil(items.length / 15);
      for (let index = 0; index < items.length; index += step) {
        const item = itemAt(items, index);
        expect(identityAtStart(item), item.id).toBe(item.truth['imageId']);
      }
    },
  );
});

describe('an image', () => {
  it('has the sides and the identity that it says, also in its comment', () => {
    for (const item of make(onePhoto)) {
      const bytes = bytesOf(item);
      const { scan, comments } = walkJpeg(bytes);
      expect(bytes.length).toBe(60_000);
      expect(scan).toMatchObject({ width: 640, height: 480 });
      expect(readJpegIdentity(bytes)?.toString()).toBe(item.truth['imageId']);
      expect(Number(/^headroom image (\d{10})$/.exec(comments[0] ?? '')?.[1])).toBe(Number(item.truth['imageId']));
    }
  });

  it.each([
    { why: 'narrower than 64 blocks', width: 511, height: 400, has: false },
    { why: 'of 64 blocks', width: 512, height: 64, has: true },
    { why: 'too low', width: 512, height: 63, has: false },
    { why: 'wide enough for any cells', width: 560, height: 400, has: true },
    { why: 'with cells that share blocks', width: 530, height: 400, has: false },
  ])('$why has an identity to prove: $has', ({ width, height, has }) => {
    const [item] = make({ ...onePhoto, shapes: [{ width, height, bitsPerPixel: 2, share: 1 }] }, 1);
    expect(item?.truth['imageId'] !== undefined).toBe(has);
    expect(item === undefined ? null : identityAtStart(item)).toBe(item?.truth['imageId']);
  });

  it('gives in any range the bytes of the whole', () => {
    const item = itemAt(make({ ...onePhoto, shapes: [{ ...photo, bytes: 200_001 }] }, 1), 0);
    const whole = bytesOf(item);
    fc.assert(
      fc.property(fc.nat(item.bytes), fc.nat(item.bytes + 100), (a, b) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        expect(bytesOf(item, range).equals(whole.subarray(range.start, range.end))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('of 100 MB is read from its end at once, and yields one buffer of at most 64 KiB', () => {
    const large = { width: 16_384, height: 16_384, bytes: 100_000_000, share: 1 };
    const item = itemAt(make({ ...onePhoto, shapes: [large] }, 1), 0);
    const seen = new Set<ArrayBufferLike>();
    for (const chunk of item.chunks({ start: item.bytes - 200_001, end: item.bytes })) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      seen.add(chunk.buffer);
    }
    expect(seen.size).toBe(1);
    expect(bytesOf(item, { start: item.bytes - 2, end: item.bytes })).toEqual(Buffer.of(0xff, 0xd9));
  });

  it.each(['sparse', 'full'] as const)('with %s entropy shares no strip below its band with any other', (entropy) => {
    const items = [...make({ ...onePhoto, entropy }, 30), ...make({ ...onePhoto, entropy }, 30, 'other')];
    // The 32 rows of the band take two strips of 64 MCUs.
    const strips = items.flatMap((item) =>
      walkJpeg(bytesOf(item))
        .strips.slice(2)
        .map((strip) => strip.toString('latin1')),
    );
    expect(strips).toHaveLength(60 * 17);
    expect(new Set(strips).size).toBe(strips.length);
  });

  it('with full entropy has other values in most of its bytes, at the same length', () => {
    const [sparse, full] = (['sparse', 'full'] as const).map((entropy) =>
      bytesOf(itemAt(make({ ...onePhoto, entropy }, 1), 0)),
    );
    if (sparse === undefined || full === undefined) {
      throw new Error('two images are expected');
    }
    expect(full.length).toBe(sparse.length);
    const same = full.filter((byte, index) => byte === sparse[index]).length;
    expect(same / full.length).toBeLessThan(0.5);
  });

  it('is like itself the next time, and two that are read in turns do not disturb each other', () => {
    const [a, b] = make(onePhoto, 2);
    if (a === undefined || b === undefined) {
      throw new Error('two items are expected');
    }
    const parts: [Buffer[], Buffer[]] = [[], []];
    const iterators = [a.chunks()[Symbol.iterator](), b.chunks()[Symbol.iterator]()] as const;
    for (let open = 2; open > 0; ) {
      open = 0;
      const both = [iterators[0].next(), iterators[1].next()] as const;
      for (const [index, step] of both.entries()) {
        if (step.done !== true) {
          parts[index === 0 ? 0 : 1].push(Buffer.from(step.value));
          open += 1;
        }
      }
    }
    expect(Buffer.concat(parts[0]).equals(bytesOf(a))).toBe(true);
    expect(Buffer.concat(parts[1]).equals(bytesOf(b))).toBe(true);
  });
});
