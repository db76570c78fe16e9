import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Pixels } from '../../../base/image-code.ts';

/** From a path or from bytes to 8-bit RGB, rows from the top; rejects on what is no whole image. */
export type DecodeImage = (source: string | Uint8Array, mostPixels: number) => Promise<Pixels>;

/** Loads the decoder; rejects where the optional package is not installed. One per process. */
export async function loadDecoder(): Promise<DecodeImage> {
  const { default: sharp } = await import('sharp');
  // Its cache would be memory that no request asked for, and its threads would take the front's processor.
  sharp.cache(false);
  sharp.concurrency(1);
  return async (source, mostPixels) => {
    const { data, info } = await sharp(source, { limitInputPixels: mostPixels, failOn: 'truncated' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: info.channels, samples: data };
  };
}

/** Bytes of an image as three planes of float32. */
export function tensorBytes(width: number, height: number): number {
  return 12 * width * height;
}

/** A division by 255 for each of millions of samples is the slow part, and there are only 256 of them. */
const unitOf = Float32Array.from({ length: 256 }, (_, sample) => sample / 255);

/** Height x width x channels of bytes to channels x height x width of 0..1; an image of one channel fills all three planes. */
export function writePlanes({ width, height, channels, samples }: Pixels, planes: Float32Array): void {
  const count = width * height;
  for (let plane = 0; plane < 3; plane += 1) {
    let source = Math.min(plane, channels - 1);
    const end = (plane + 1) * count;
    for (let target = plane * count; target < end; target += 1) {
      planes[target] = unitOf[samples[source] ?? 0] ?? 0;
      source += channels;
    }
  }
}

/** Between two collections; each costs some milliseconds. */
const worthCollectingBytes = 4 * 1024 ** 2;
let owedBytes = 0;
let collect: (() => void) | null = null;

/**
 * Gives back what was just let go. The collector does not hurry for buffers outside of its heap: two
 * images would stand where one was admitted, and a young process would seem to leak.
 */
export function collectBytes(bytes: number): void {
  owedBytes += bytes;
  if (owedBytes < worthCollectingBytes) {
    return;
  }
  owedBytes = 0;
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // The second waits for the buffers that the first has only found.
  collect();
  collect();
}
