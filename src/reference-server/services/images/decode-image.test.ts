import { describe, expect, it } from 'vitest';
import { readImageCode } from '../../../base/image-code.ts';
import { makeImages } from '../../../testing/pull-job.ts';
import { loadDecoder, tensorBytes, writePlanes } from './decode-image.ts';

const decode = await loadDecoder().catch(() => null);
const reason = decode === null ? ' (skipped: sharp is not installed)' : '';

describe('writePlanes', () => {
  it('puts each channel into a plane of its own, as 0..1', () => {
    const planes = new Float32Array(6);
    writePlanes({ width: 2, height: 1, channels: 3, samples: Uint8Array.of(255, 0, 51, 0, 255, 102) }, planes);
    expect([...planes].map((value) => Math.round(value * 10) / 10)).toEqual([1, 0, 0, 1, 0.2, 0.4]);
  });

  it('fills all planes from the only channel of a grey image', () => {
    const planes = new Float32Array(6);
    writePlanes({ width: 2, height: 1, channels: 1, samples: Uint8Array.of(255, 0) }, planes);
    expect([...planes]).toEqual([1, 0, 1, 0, 1, 0]);
  });
});

describe('tensorBytes', () => {
  it('is 144 MiB for the images of the incident', () => {
    expect(tensorBytes(4096, 3072)).toBe(144 * 1024 ** 2);
  });
});

describe.skipIf(decode === null)(`the decoder${reason}`, () => {
  const look = decode ?? (async () => ({ width: 0, height: 0, channels: 0, samples: Buffer.alloc(0) }));
  const [image] = makeImages({ width: 640, height: 480, bytes: 200_000, count: 1 });
  const bytes = image?.bytes ?? Buffer.alloc(0);

  it('gives pixels in which the planted identity can be read', async () => {
    const pixels = await look(bytes, 1e6);
    expect([pixels.width, pixels.height, pixels.channels, pixels.samples.length]).toEqual([640, 480, 3, 921_600]);
    expect(String(readImageCode(pixels))).toBe(image?.imageId);
  });

  it.each([
    ['half of a file', bytes.subarray(0, 100_000), /premature end/],
    ['no image', Buffer.from('hello'), /unsupported image format/],
    ['nothing', Buffer.alloc(0), /empty/i],
    ['a header without a picture', bytes.subarray(0, 300), /./],
  ])('rejects %s', async (_why, damaged, message) => {
    await expect(look(damaged, 1e6)).rejects.toThrow(message);
  });

  it('does not begin with more pixels than it may have', async () => {
    await expect(look(bytes, 640 * 480 - 1)).rejects.toThrow(/pixel limit/);
  });
});
