import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geometryOf } from './geometry.ts';
import { type ImageShape, imageChunks } from './image.ts';
import { sizeLimits } from './layout.ts';
import { readStrip, walkJpeg } from './walk.fixture.ts';

const subsamplings = ['4:4:4', '4:2:0'] as const;

const plain = { subsampling: '4:2:0', entropy: 'sparse', id: 7, stripKey: 5, noiseKey: 3 } as const;

function bytesOf(shape: ImageShape): Buffer {
  return Buffer.concat(Array.from(imageChunks(shape), (chunk) => Buffer.from(chunk)));
}

/** Walks markers and MCUs and returns nothing: whatever is wrong throws or fails. */
function check(shape: ImageShape): void {
  const bytes = bytesOf(shape);
  expect(bytes.length).toBe(shape.bytes);
  const { scan, strips } = walkJpeg(bytes);
  expect(scan).toMatchObject({ width: shape.width, height: shape.height });
  const geometry = geometryOf(shape.width, shape.height, shape.subsampling);
  expect(strips).toHaveLength(geometry.strips);
  expect(scan.restartInterval).toBe(geometry.strips > 1 ? 64 : null);
  for (const [index, strip] of strips.entries()) {
    readStrip(strip, scan, index === strips.length - 1 ? geometry.lastMcus : 64);
  }
}

const sides = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 1, max: 150 })),
  // With a band, which takes 512 columns and 64 rows.
  fc.tuple(fc.integer({ min: 500, max: 700 }), fc.integer({ min: 60, max: 140 })),
);

describe('an image of any sides and any size between its limits', () => {
  it('has exactly its bytes, its markers in order, and its MCUs in every strip', () => {
    fc.assert(
      fc.property(
        fc.record({
          sides,
          subsampling: fc.constantFrom(...subsamplings),
          entropy: fc.constantFrom('sparse' as const, 'full' as const),
          // Between the least and the most size; most images are far from the most.
          position: fc.double({ min: 0, max: 1, noNaN: true }).map((part) => part * part * part),
          id: fc.integer({ min: 0, max: 0xffffffff }),
          stripKey: fc.integer({ min: 0, max: 0xffffffff }),
          noiseKey: fc.integer({ min: 0, max: 0xffffffff }),
        }),
        ({ sides: [width, height], position, ...rest }) => {
          const { least, most } = sizeLimits(geometryOf(width, height, rest.subsampling));
          check({ ...rest, width, height, bytes: Math.floor(least + position * (most - least)) });
        },
      ),
      { numRuns: 120 },
    );
  });

  it.each(
    subsamplings.flatMap((subsampling) =>
      [
        { why: 'one pixel', width: 1, height: 1 },
        { why: 'one MCU of the larger kind', width: 16, height: 16 },
        { why: 'the least one with a band', width: 512, height: 64 },
        { why: 'a band that ends within a strip', width: 601, height: 99 },
        { why: 'exactly one strip more than the band', width: 1024, height: 64 },
      ].map((row) => ({ ...row, subsampling })),
    ),
  )('$why, $width x $height at $subsampling, with the least and the most bytes', ({ width, height, subsampling }) => {
    const { least, most } = sizeLimits(geometryOf(width, height, subsampling));
    for (const [bytes, id] of [least, most].flatMap((size) => [0, 0xffffffff, 0x55555555].map((id) => [size, id]))) {
      check({ ...plain, width, height, subsampling, bytes: bytes ?? 0, id: id ?? 0 });
    }
  });

  it.each([
    { why: 'the longest row', width: 65_535, height: 1 },
    { why: 'the longest column', width: 1, height: 65_535 },
    { why: 'the longest band', width: 65_535, height: 64 },
  ])('$why, $width x $height', ({ width, height }) => {
    check({ ...plain, width, height, bytes: sizeLimits(geometryOf(width, height, '4:2:0')).least });
  });
});
