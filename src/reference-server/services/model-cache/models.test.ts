import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textDetectionInput } from './models.ts';

describe('textDetectionInput', () => {
  it.each([
    ['a square', 100, 100, 736, 736],
    ['a wide picture', 3000, 1000, 2208, 736],
    ['a tall picture', 1000, 3000, 736, 2208],
    ['sides between two steps', 1000, 1500, 736, 1120],
  ])('scales %s to a short side of 736', (_what, width, height, scaledWidth, scaledHeight) => {
    expect(textDetectionInput({ width, height })).toEqual({ width: scaledWidth, height: scaledHeight });
  });

  it('depends on the proportions only, and its sides are multiples of 32', () => {
    const side = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const input = textDetectionInput({ width, height });
        expect(Math.min(input.width, input.height)).toBe(736);
        expect([input.width % 32, input.height % 32]).toEqual([0, 0]);
        expect(textDetectionInput({ width: 4 * width, height: 4 * height })).toEqual(input);
      }),
    );
  });
});
