import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { imageJpeg } from './image-jpeg.ts';

const place = 'corpora/x.yaml:6:1 params';
const photo = { width: 640, height: 480, bytes: 60_000, share: 1 };
const onePhoto = { subsampling: '4:2:0', shapes: [photo] };

function make(params: unknown, count = 4): readonly CorpusItem[] {
  return imageJpeg.items(params, { name: 'x', count, random: createRandom('test'), place, folder: '.' });
}

describe('parameters of a JPEG corpus', () => {
  it('take ranges, which the items fill evenly', () => {
    const range = { width: { from: 100, to: 500 }, height: { from: 10, to: 20 }, bytes: { from: 30_000, to: 40_000 } };
    const items = make({ ...onePhoto, shapes: [{ ...range, share: 1 }] }, 40);
    const widths = items.map(({ traits }) => traits['width'] ?? 0).sort((a, b) => a - b);
    for (const [index, width] of widths.entries()) {
      expect(Math.abs(width - (105 + index * 10))).toBeLessThanOrEqual(5);
    }
    expect(items.every(({ bytes }) => bytes >= 30_000 && bytes <= 40_000)).toBe(true);
  });

  it('by bits per pixel give about so many bytes, headers on top', () => {
    const bytes = make({ ...onePhoto, shapes: [{ ...photo, bytes: undefined, bitsPerPixel: 3 }] }, 1)[0]?.bytes ?? 0;
    expect(bytes / ((640 * 480 * 3) / 8)).toBeGreaterThan(0.95);
    expect(bytes / ((640 * 480 * 3) / 8)).toBeLessThan(1.05);
  });

  it.each([
    {
      why: 'fewer bytes than the pixels need',
      shapes: [{ ...photo, bytes: 1000 }],
      says: 'params.shapes.0.bytes: a 4:2:0 image of 640x480 pixels cannot have 1,000 bytes.',
      hint: /^Choose between [0-9],[0-9]{3} and [0-9]{3},[0-9]{3} bytes, or other sides\.$/,
    },
    {
      why: 'more bytes than the pixels can hold',
      shapes: [photo, { ...photo, bytes: 60_000_000 }],
      says: 'params.shapes.1.bytes: a 4:2:0 image of 640x480 pixels cannot have 60,000,000 bytes.',
      hint: /^Choose between/,
    },
    {
      why: 'too few bits per pixel',
      shapes: [{ width: 9, height: 9, bitsPerPixel: 0.1 }],
      says: 'params.shapes.0.bitsPerPixel: a 4:2:0 image cannot have 0.1 bits per pixel.',
      hint: /^Choose between 0\.16 and 19\.99\.$/,
    },
    {
      why: 'both sizes',
      shapes: [{ ...photo, bitsPerPixel: 2 }],
      says: 'params.shapes.0: needs `bytes` or `bitsPerPixel`.',
      hint: /one of the two/,
    },
    {
      why: 'no size',
      shapes: [{ width: 9, height: 9 }],
      says: 'params.shapes.0: needs `bytes` or `bitsPerPixel`.',
      hint: /one of the two/,
    },
    {
      why: 'a range that runs backwards',
      shapes: [{ ...photo, width: { from: 9, to: 8 } }],
      says: 'params.shapes.0.width: `from` is above `to`.',
      hint: /Swap/,
    },
    {
      why: 'a side that no header can say',
      shapes: [{ ...photo, height: 65_536 }],
      says: 'params.shapes.0.height:',
      hint: /README/,
    },
    {
      why: 'a side in words',
      shapes: [{ ...photo, width: 'wide' }],
      says: 'params.shapes.0.width: must be 1 to 65535 pixels, or a range of them, { from, to }.',
      hint: /README/,
    },
    { why: 'no pixels', shapes: [{ ...photo, width: 0 }], says: 'params.shapes.0.width:', hint: /README/ },
    {
      why: 'an unknown key',
      shapes: [{ ...photo, bitsPerPixels: 2 }],
      says: 'params.shapes.0: there is no parameter "bitsPerPixels".',
      hint: /^Did you mean "bitsPerPixel"\?$/,
    },
  ])('with $why are refused, with place and next step', ({ shapes, says, hint }) => {
    let refusal: unknown = null;
    try {
      make({ ...onePhoto, shapes: shapes.map((shape) => ({ ...shape, share: 1 / shapes.length })) });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(BenchError);
    expect(refusal).toMatchObject({ code: 'RECIPE_INVALID' });
    expect(String(refusal)).toContain(`corpora/x.yaml:6:1 ${says}`);
    expect((refusal as BenchError).hint).toMatch(hint);
  });

  it('without the kind of colour are refused', () => {
    expect(() => make({ shapes: [photo] })).toThrow('params.subsampling');
  });
});
