import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageJpeg } from '../generators/image-jpeg.ts';
import { encodedAgain } from './jpeg-identity.fixture.ts';
import { readJpegIdentity } from './jpeg-identity.ts';
import { createRandom } from './random.ts';

const identityOfSamples = 3_692_201_641;

/** The first bytes of one of our images and the identity that it is to show. */
function ours(width: number, subsampling = '4:2:0', seed = 'test'): { bytes: Buffer; id: number } {
  const [item] = imageJpeg.items(
    { subsampling, shapes: [{ width, height: 64, bitsPerPixel: 2, share: 1 }] },
    { name: 'x', count: 1, random: createRandom(seed), place: 'x', folder: '.' },
  );
  const chunks = Array.from(item?.chunks() ?? [], (chunk) => Buffer.from(chunk));
  return { bytes: Buffer.concat(chunks), id: Number(item?.truth['imageId']) };
}

function sampleOf(kind: keyof typeof encodedAgain): Buffer {
  return Buffer.from(encodedAgain[kind], 'base64');
}

/** A copy in which the one place that holds `from` holds `to`, of the same length. */
function altered(bytes: Buffer, from: readonly number[], to: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(Buffer.from(from));
  if (at < 0) {
    throw new Error('there is nothing to alter');
  }
  copy.set(to, at);
  return copy;
}

describe('the identity of a JPEG', () => {
  it('is read from images of any width and both kinds of colour', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(512, 560, 1024, 4096), fc.integer({ min: 560, max: 1500 })),
        fc.constantFrom('4:4:4', '4:2:0'),
        fc.string({ maxLength: 8 }),
        (width, subsampling, seed) => {
          const { bytes, id } = ours(width, subsampling, seed);
          expect(readJpegIdentity(bytes)).toBe(id);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('needs the first row of MCUs and nothing after it', () => {
    const { bytes, id } = ours(2048);
    const lengths = Array.from({ length: 300 }, (_, step) => Math.floor((step * bytes.length) / 300));
    const read = lengths.map((length) => readJpegIdentity(bytes.subarray(0, length)));
    const first = read.indexOf(id);
    expect(read.slice(0, first).every((result) => result === null)).toBe(true);
    expect(read.slice(first).every((result) => result === id)).toBe(true);
    expect(lengths[first]).toBeLessThan(5000);
  });

  it.each(['colour', 'grey'] as const)('is read from what another encoder made of the image: %s', (kind) => {
    expect(readJpegIdentity(sampleOf(kind))).toBe(identityOfSamples);
  });

  it.each([
    { why: 'it is progressive', bytes: sampleOf('progressive') },
    { why: 'there is nothing', bytes: Buffer.alloc(0) },
    { why: 'it is a PNG', bytes: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') },
    { why: 'it only begins like one', bytes: Buffer.from('ffd8ffe0', 'hex') },
    { why: 'its frame has no components', bytes: Buffer.from('ffd8ffc0000808004002000000ffda0000', 'hex') },
    { why: 'a table has more codes than bits allow', bytes: Buffer.from(`ffd8ffc4001400ff${'ff'.repeat(16)}`, 'hex') },
    { why: 'a segment is shorter than its own length', bytes: Buffer.from('ffd8fffe0001ffd9', 'hex') },
    {
      why: 'it is narrower than 64 blocks',
      bytes: altered(sampleOf('grey'), [0x08, 0, 32, 2, 0], [0x08, 0, 32, 1, 255]),
    },
    { why: 'it is wider than its band', bytes: altered(sampleOf('grey'), [0x08, 0, 32, 2, 0], [0x08, 0, 32, 2, 64]) },
    {
      why: 'restart markers are promised and missing',
      bytes: altered(sampleOf('colour'), [0xff, 0xe0, 0, 16], [0xff, 0xdd, 0, 4]),
    },
  ])('is null if $why', ({ bytes }) => {
    expect(readJpegIdentity(bytes)).toBeNull();
  });

  it('is null for images of ours without a band', () => {
    expect(readJpegIdentity(ours(511).bytes)).toBeNull();
  });

  it('of damaged files is null or was not touched by the damage, and nothing throws', () => {
    const { bytes, id } = ours(640);
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(damage, fc.nat(bytes.length), (places, length) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of places) {
          copy[at] = value;
        }
        expect([id, null]).toContain(readJpegIdentity(copy.subarray(0, length)));
      }),
      // Always the same damage, since the CRC lets one of 65,536 wrong readings pass.
      { numRuns: 500, seed: 20_270_311 },
    );
  });

  it('of random bytes after a valid header is null', () => {
    const { bytes } = ours(640);
    const start = bytes.indexOf(Buffer.of(0xff, 0xda)) + 14;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (noise) => {
        expect(readJpegIdentity(Buffer.concat([bytes.subarray(0, start), noise]))).toBeNull();
        expect(readJpegIdentity(Buffer.concat([Buffer.of(0xff, 0xd8), noise]))).toBeNull();
        expect(readJpegIdentity(noise)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });
});
