import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256OfChunks } from '../base/digest.ts';
import { readImageCode } from '../base/image-code.ts';
import { createRandom } from '../base/random.ts';
import type { ByteRange, CorpusItem } from '../model/corpus.ts';
import { parseRecipe } from '../model/parse-recipe.ts';
import { imagePng } from './image-png.ts';
import { levels, pngBank, variants } from './png/bank.ts';
import { leastPngBytes } from './png/layout.ts';

const place = 'corpora/x.yaml:6:1 params';

function make(shapes: readonly object[], count = shapes.length, seed = 'test'): readonly CorpusItem[] {
  return imagePng.items({ shapes }, { name: 'x', count, random: createRandom(seed), place, folder: '.' });
}

function one(shape: { width: number; height: number; bytes?: number }): CorpusItem {
  const [item] = make([{ ...shape, count: 1 }]);
  if (item === undefined) {
    throw new Error('one item is expected');
  }
  return item;
}

function fromRecipe(): readonly CorpusItem[] {
  const file = 'corpora/image-png.yaml';
  const recipe = parseRecipe(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file);
  const random = createRandom(`corpus/${recipe.generator}/${recipe.seed}`);
  return imagePng.items(recipe.params, {
    name: recipe.name,
    count: recipe.count,
    random,
    place: file,
    folder: 'corpora',
  });
}

function bytesOf(item: CorpusItem, range?: ByteRange): Buffer {
  // Each chunk is copied, since the generator uses its buffer again.
  return Buffer.concat(Array.from(item.chunks(range), (chunk) => Buffer.from(chunk)));
}

/** Walks the chunks of a PNG and checks each CRC. */
function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.push({ type: body.toString('latin1', 0, 4), data: body.subarray(4) });
    at += 12 + length;
  }
  return chunks;
}

/** Decodes as a decoder does: inflate checks the Adler-32; the filter byte of each row must be 0. */
function decode(png: Buffer): { width: number; height: number; samples: Uint8Array } {
  const chunks = chunksOf(png);
  const [header] = chunks;
  const width = header?.data.readUInt32BE(0) ?? 0;
  const height = header?.data.readUInt32BE(4) ?? 0;
  expect(header?.type).toBe('IHDR');
  expect([...(header?.data.subarray(8) ?? [])]).toEqual([8, 2, 0, 0, 0]);
  expect(chunks.at(-1)).toMatchObject({ type: 'IEND', data: Buffer.alloc(0) });
  const rows = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  expect(rows).toHaveLength(height * (1 + width * 3));
  const samples = new Uint8Array(width * height * 3);
  let filters = 0;
  for (let row = 0; row < height; row += 1) {
    const at = row * (1 + width * 3);
    filters += rows[at] ?? 0;
    samples.set(rows.subarray(at + 1, at + 1 + width * 3), row * width * 3);
  }
  expect(filters).toBe(0);
  return { width, height, samples };
}

describe('golden bytes (if one is meant to change, raise the version of the generator)', () => {
  it('the bank is the same on every runtime', () => {
    const hash = createHash('sha256');
    for (let level = 0; level < levels; level += 1) {
      for (let variant = 0; variant < variants; variant += 1) {
        hash.update(pngBank.piece(level, variant));
      }
    }
    expect(hash.digest('hex')).toBe('2df97f165af28183c233680d562311ebbe8d281f127c2f5e0632fbf0d89b9f32');
  });

  it.each([
    { index: 0, sha256: '17da45094bf1ccbd21f160d51cba16969da8eef34d44758215014eee4b0449e3' },
    { index: 2, sha256: '043444f8434db91cfdeb43b67f4656bbc01bad9c7f07f3cd9d9a7b508d3030ad' },
    { index: 47, sha256: 'c8dc52de7b5e8468bba01e7faba3f17e3164c4996036265bb6353d521e457bd8' },
  ])('image $index of image-png is the same on every runtime', ({ index, sha256 }) => {
    expect(sha256OfChunks(fromRecipe()[index]?.chunks() ?? [])).toBe(sha256);
  });

  it('a padded image is the same on every runtime', () => {
    expect(sha256OfChunks(one({ width: 200, height: 100, bytes: 200_000 }).chunks())).toBe(
      'b4d4bcd2074439e8ccdfcbcd858f5193e3d9a8bbd4cde25853e3383fd1950b40',
    );
  });
});

describe('the shipped corpus', () => {
  it('has 36 images of 3 and 12 of 12.6 megapixels, one large in every four', () => {
    const widths = fromRecipe().map((item) => item.traits['width']);
    expect(widths).toHaveLength(48);
    for (let start = 0; start < 48; start += 4) {
      expect(widths.slice(start, start + 4).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([2048, 2048, 2048, 4096]);
    }
  });
});

describe('an image', () => {
  const sides = [
    { why: 'one pixel', width: 1, height: 1 },
    { why: 'too narrow for an identity', width: 63, height: 40 },
    { why: 'one pixel for each cell', width: 64, height: 1 },
    { why: 'cells of unequal width', width: 100, height: 33 },
    { why: 'rows that end within a piece', width: 257, height: 70 },
    { why: 'one row as long as a block', width: 21_833, height: 3 },
    { why: 'rows longer than a block', width: 65_535, height: 2 },
    { why: 'very tall', width: 2, height: 65_535 },
    { why: 'usual', width: 1024, height: 768 },
  ];
  it.each(sides)('of $width x $height is a valid PNG: $why', ({ width, height }) => {
    const item = one({ width, height });
    const png = bytesOf(item);
    expect(png).toHaveLength(item.bytes);
    const decoded = decode(png);
    expect(decoded).toMatchObject({ width, height });
    expect(item.traits).toEqual({ pixels: width * height, width, height });
    expect(item.mediaType).toBe('image/png');
    const read = readImageCode({ ...decoded, channels: 3 });
    expect(read === null ? undefined : String(read)).toBe(item.truth['imageId']);
    expect(read === null).toBe(width < 64);
  });

  it('of any size and any padding has exactly its bytes, and any range of them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 140_000 }),
        fc.tuple(fc.nat(1000), fc.nat(1100)),
        (width, height, padding, [a, b]) => {
          const bytes = leastPngBytes({ width, height }) + padding;
          const item = one({ width, height, bytes });
          const png = bytesOf(item);
          expect(item.bytes).toBe(bytes);
          expect(png).toHaveLength(bytes);
          decode(png);
          const start = Math.floor((Math.min(a, b) * bytes) / 1000);
          const end = Math.floor((Math.max(a, b) * bytes) / 1000);
          expect(bytesOf(item, { start, end }).equals(png.subarray(start, end))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives in any range the bytes of the whole, across heads, padding and data', () => {
    const item = one({ width: 300, height: 400, bytes: 560_000 });
    const whole = bytesOf(item);
    fc.assert(
      fc.property(fc.nat(item.bytes), fc.nat(item.bytes + 100), (a, b) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        expect(bytesOf(item, range).equals(whole.subarray(range.start, range.end))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it.each([0, 1, 11, 12, 64_999, 65_000, 65_001, 500_000])(
    'takes %i bytes of padding into chunks that decoders skip',
    (padding) => {
      const shape = { width: 100, height: 50 };
      const least = leastPngBytes(shape);
      const png = bytesOf(one({ ...shape, bytes: least + padding }));
      const chunks = chunksOf(png);
      const types = chunks.map(({ type }) => type);
      expect(types.filter((type) => type === 'hrPd')).toHaveLength(Math.floor(padding / 65_000));
      expect(Math.max(...chunks.map(({ data }) => data.length))).toBeLessThan(65_536);
      expect(decode(png).samples).toEqual(decode(bytesOf(one(shape))).samples);
    },
  );

  it('of 4.3 gigapixels opens at once, and is read from its middle in one buffer of at most 64 KiB', () => {
    const item = one({ width: 65_535, height: 65_535 });
    const middle = Math.floor(item.bytes / 2);
    const seen = new Set<ArrayBufferLike>();
    for (const chunk of item.chunks({ start: middle, end: middle + 300_000 })) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      seen.add(chunk.buffer);
    }
    expect(seen.size).toBe(1);
  });

  it('is smooth colour under noise: neither flat nor pure noise', () => {
    const { samples, width, height } = decode(bytesOf(one({ width: 512, height: 512 })));
    const meanOf = (row: number): number => {
      const part = samples.subarray(row * width * 3, (row + 1) * width * 3);
      return part.reduce((all, sample) => all + sample, 0) / part.length;
    };
    for (let row = 40; row < height - 8; row += 8) {
      expect(Math.abs(meanOf(row) - meanOf(row + 8))).toBeLessThan(12);
    }
    const pixels = Array.from({ length: 5000 }, (_, index) => samples[(40 * width + index) * 3] ?? 0);
    expect(new Set(pixels).size).toBeGreaterThan(60);
  });

  it('is unlike every other image of its corpus and of another seed, row by row, and like itself the next time', () => {
    const shape = { width: 300, height: 40, share: 1 };
    const rowsOf = (items: readonly CorpusItem[]): string[] =>
      items.flatMap((item) => {
        const { samples } = decode(bytesOf(item));
        return [36, 37, 38, 39].map((row) =>
          Buffer.from(samples.subarray(row * 900, row * 900 + 900)).toString('base64'),
        );
      });
    const first = rowsOf(make([shape], 20));
    expect(new Set([...first, ...rowsOf(make([shape], 20, 'other'))]).size).toBe(160);
    expect(rowsOf(make([shape], 20))).toEqual(first);
    expect(
      new Set(make([{ width: 1, height: 1, share: 1 }], 50).map((item) => sha256OfChunks(item.chunks()))).size,
    ).toBe(50);
  });

  it('read in turns with another is not disturbed by it', () => {
    const [a, b] = make([{ width: 300, height: 300, count: 2 }], 2) as [CorpusItem, CorpusItem];
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
