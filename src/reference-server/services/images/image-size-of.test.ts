import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeImages } from '../../../testing/pull-job.ts';
import { imageSizeOf } from './image-size-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-size-'));
const jpeg = makeImages({ width: 640, height: 480, bytes: 200_000, count: 1 })[0]?.bytes ?? Buffer.alloc(0);

afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(bytes: Uint8Array): string {
  const path = join(folder, 'image');
  writeFileSync(path, bytes);
  return path;
}

function pngHead(width: number, height: number): Buffer {
  const head = Buffer.alloc(33);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(head);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

describe('imageSizeOf', () => {
  it.each([
    ['a JPEG', jpeg, { width: 640, height: 480 }],
    ['a JPEG that lost its picture', jpeg.subarray(0, 60_000), { width: 640, height: 480 }],
    ['a PNG of 400 megapixels, by 33 bytes', pngHead(20_000, 20_000), { width: 20_000, height: 20_000 }],
  ])('reads the header of %s', async (_why, bytes, size) => {
    expect(await imageSizeOf(fileOf(bytes))).toEqual(size);
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'empty_file'],
    ['a text', Buffer.from('hello, this is no image'), 'invalid_image'],
    ['another kind of image', Buffer.from('GIF89a.............'), 'invalid_image'],
    ['a JPEG that ends at once', jpeg.subarray(0, 12), 'invalid_image'],
    ['a picture without a width', pngHead(0, 10), 'invalid_image'],
  ])('refuses %s with 400', async (_why, bytes, code) => {
    await expect(imageSizeOf(fileOf(bytes))).rejects.toMatchObject({ status: 400, code });
  });
});
