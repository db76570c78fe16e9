import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityInCells, imageCodeOf, readImageCode } from './image-code.ts';

/** One pixel row of a band of `width`, black and white, at row `at` of a grey image of 40 rows. */
function drawn(id: number, width: number, at: number, channels = 1): Parameters<typeof readImageCode>[0] {
  const cells = imageCodeOf(id);
  const samples = new Uint8Array(width * 40 * channels).fill(128);
  for (let column = 0; column < width; column += 1) {
    samples.fill(
      (cells[Math.floor(((column + 0.5) * 64) / width)] ?? 0) * 255,
      (at * width + column) * channels,
      (at * width + column + 1) * channels,
    );
  }
  return { width, height: 40, channels, samples };
}

describe('the identity of an image', () => {
  it('is read back from the cells and from pixels of any width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 64, max: 700 }), (id, width) => {
        expect(identityInCells(imageCodeOf(id))).toBe(id);
        expect(readImageCode(drawn(id, width, 3, 3))).toBe(id);
      }),
      { numRuns: 40 },
    );
  });

  it.each([0, 15, 16, 31, 48, 63])('is refused if cell %i is flipped', (cell) => {
    const cells = imageCodeOf(0x12345678);
    cells[cell] = 1 - (cells[cell] ?? 0);
    expect(identityInCells(cells)).toBeNull();
  });

  it.each([
    { why: 'no band is drawn', pixels: { width: 64, height: 2, channels: 1, samples: new Uint8Array(128) } },
    {
      why: 'there are fewer columns than cells',
      pixels: { width: 8, height: 8, channels: 1, samples: new Uint8Array(64) },
    },
    { why: 'the band lies too low', pixels: drawn(7, 128, 39) },
  ])('is null if $why', ({ pixels }) => {
    expect(readImageCode(pixels)).toBeNull();
  });
});
