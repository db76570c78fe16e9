import { describe, expect, it } from 'vitest';
import { scaleImage } from './scale-image.ts';

const pixels = { width: 2, height: 2, channels: 3, samples: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) };

describe('scaleImage', () => {
  it('repeats pixels when it enlarges', () => {
    const scaled = scaleImage(pixels, { width: 4, height: 2 });
    expect({ ...scaled, samples: [...scaled.samples] }).toEqual({
      width: 4,
      height: 2,
      channels: 3,
      samples: [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 7, 8, 9, 7, 8, 9, 10, 11, 12, 10, 11, 12],
    });
  });

  it('leaves pixels out when it reduces', () => {
    expect([...scaleImage(pixels, { width: 1, height: 1 }).samples]).toEqual([1, 2, 3]);
  });
});
