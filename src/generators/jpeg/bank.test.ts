import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stripBank } from './bank.ts';
import { samplings } from './sampling.ts';

describe('a bank of strips', () => {
  it('is the same on every runtime (if it is meant to change, raise the version of the generator)', () => {
    const hash = createHash('sha256');
    for (const [subsampling, stripBytes] of [
      ['4:4:4', 7168],
      ['4:2:0', 2048],
    ] as const) {
      const bank = stripBank(samplings[subsampling], stripBytes);
      for (let variant = 0; variant < 2 * bank.patterns; variant += 1) {
        bank.hold(variant);
      }
      hash.update(bank.bytes.subarray(0, 2 * bank.patterns * stripBytes)).update(new Uint8Array(bank.masks.buffer));
    }
    expect(hash.digest('hex')).toBe('ba1604387f972d3c2d05e654fd94e79127470ca3a4725eeb806ef60019420637');
  });

  it('holds the same strip whatever was asked for before it', () => {
    const first = stripBank(samplings['4:2:0'], 512);
    first.hold(100);
    const strip = first.bytes.slice(100 * 512, 101 * 512);
    // Nine others, so that the first one has made place.
    for (const stripBytes of samplings['4:2:0'].stripSizes.slice(3, 12)) {
      stripBank(samplings['4:2:0'], stripBytes);
    }
    const second = stripBank(samplings['4:2:0'], 512);
    expect(second).not.toBe(first);
    second.hold(3);
    second.hold(100);
    expect(second.bytes.slice(100 * 512, 101 * 512)).toEqual(strip);
  });

  it.each([
    { subsampling: '4:4:4', stripBytes: 128 },
    { subsampling: '4:4:4', stripBytes: 20_480 },
    { subsampling: '4:2:0', stripBytes: 320 },
    { subsampling: '4:2:0', stripBytes: 2048 },
  ] as const)(
    'of $stripBytes bytes at $subsampling never shows a marker, whichever free bits are inverted',
    (shape) => {
      const { stripBytes } = shape;
      const bank = stripBank(samplings[shape.subsampling], stripBytes);
      fc.assert(
        fc.property(fc.nat(bank.variants - 1), fc.infiniteStream(fc.nat(255)), (variant, noise) => {
          bank.hold(variant);
          const start = variant * stripBytes;
          const mask = (variant & (bank.patterns - 1)) * stripBytes;
          const strip = bank.bytes.slice(start, start + stripBytes);
          const masks = new Uint8Array(bank.masks.buffer, mask, stripBytes);
          const inverted = strip.map((byte, index) => byte ^ ((noise.next().value ?? 0) & (masks[index] ?? 0)));
          expect(inverted.indexOf(0xff)).toBe(stripBytes - 2);
          expect(inverted.at(-1)).toBe(0xd0);
        }),
        { numRuns: 60 },
      );
    },
  );

  it('lets a third of all bits vary, and more where there is more to code', () => {
    const freeShare = (stripBytes: number): number => {
      const bank = stripBank(samplings['4:2:0'], stripBytes);
      bank.hold(0);
      const masks = new Uint8Array(bank.masks.buffer, 0, stripBytes);
      return masks.reduce((sum, mask) => sum + mask.toString(2).replaceAll('0', '').length, 0) / (stripBytes * 8);
    };
    expect(freeShare(2048)).toBeGreaterThan(0.3);
    expect(freeShare(8192)).toBeGreaterThan(freeShare(2048));
  });
});
