import type { Pixels } from '../../../base/image-code.ts';
import type { ImageSize } from '../../../base/image-size.ts';

/** Nearest pixels, since nobody looks at the picture: only its size costs memory. */
export function scaleImage(pixels: Pixels, { width, height }: ImageSize): Pixels {
  const { channels, samples } = pixels;
  const scaled = Buffer.allocUnsafeSlow(width * height * channels);
  let target = 0;
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * pixels.height) / height) * pixels.width;
    for (let x = 0; x < width; x += 1) {
      const source = (row + Math.floor((x * pixels.width) / width)) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        scaled[target] = samples[source + channel] ?? 0;
        target += 1;
      }
    }
  }
  return { width, height, channels, samples: scaled };
}
