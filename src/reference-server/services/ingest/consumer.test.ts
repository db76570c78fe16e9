import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeImages } from '../../../testing/pull-job.ts';
import type { DeviceContext } from '../../device/device.ts';
import type { DecodeImage } from '../images/decode-image.ts';
import { Consumer, type ConsumerSetup, failureOf } from './consumer.ts';
import type { StagedImage } from './workers/messages.ts';

const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
const width = 512;
const height = 64;
const jpeg = makeImages({ width, height, bytes: 20_000, count: 1 })[0]?.bytes ?? Buffer.alloc(0);
const decode: DecodeImage = async () => ({
  width,
  height,
  channels: 3,
  samples: new Uint8Array(width * height * 3).fill(255),
});

afterAll(() => rmSync(folder, { recursive: true }));

function consumerOf(change: Partial<ConsumerSetup> = {}): { consumer: Consumer; runs: number[] } {
  const runs: number[] = [];
  const context = {
    run: async (ms: number) => {
      runs.push(ms);
    },
  } as Partial<DeviceContext> as DeviceContext;
  const consumer = new Consumer({
    context,
    modelBatch: 8,
    inferMs: 10,
    mostPixels: 1e6,
    decode,
    roomBytes: () => Number.POSITIVE_INFINITY,
    ...change,
  });
  return { consumer, runs };
}

function staged(name: string, bytes: Uint8Array, decoded: StagedImage['decoded']): StagedImage {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const task = { id: name, image_id: `image-${name}`, image_url: `http://x/${name}`, reply_subject: `reply.${name}` };
  return { task, path, sizeBytes: bytes.length, decoded };
}

const planes = (value: number, count = 300_000): Buffer => Buffer.from(new Float32Array(count).fill(value).buffer);

describe('Consumer', () => {
  it('answers for the planes of a staged image, all of which it has read', async () => {
    const { consumer } = consumerOf();
    const [result] = await consumer.consume([staged('a', planes(0.25), { imageId: 1234, width: 10, height: 10 })]);
    expect(result).toMatchObject({
      reply_subject: 'reply.a',
      result: {
        pipeline: 'headroom',
        source_images: [{ id: 'image-a', url: 'http://x/a', width: 10, height: 10, planted_id: 1234 }],
        detections: [{ source_image_id: 'image-a', classification: 'class-234', score: 0.25 }],
      },
    });
  });

  it('decodes raw files itself', async () => {
    const { consumer } = consumerOf();
    const [result] = await consumer.consume([staged('b', jpeg, null)]);
    expect(result?.result).toMatchObject({ source_images: [{ width, height }], detections: [{ score: 1 }] });
  });

  it.each([
    ['20 images in calls of 8', 20, 8, Number.POSITIVE_INFINITY, [80, 80, 40]],
    ['one by one', 3, 1, Number.POSITIVE_INFINITY, [10, 10, 10]],
    ['only as many raw ones as fit decoded', 5, 8, 2 * 12 * width * height, [20, 20, 10]],
    ['one at least, however little room there is', 2, 8, 0, [10, 10]],
    ['no call without images', 0, 8, Number.POSITIVE_INFINITY, []],
  ])('calls the model for %s', async (_why, count, modelBatch, roomBytes, expected) => {
    const { consumer, runs } = consumerOf({ modelBatch, roomBytes: () => roomBytes });
    const images = Array.from({ length: count }, (_, index) => staged(`c${index}`, jpeg, null));
    expect((await consumer.consume(images)).length).toBe(count);
    expect(runs).toEqual(expected);
  });

  it('tells of an image that cannot be read, and answers for the others', async () => {
    const { consumer } = consumerOf();
    const results = await consumer.consume([
      staged('d', Buffer.from('hello'), null),
      staged('e', planes(1), { imageId: null, width: 1, height: 1 }),
    ]);
    expect(results.map(({ result }) => 'error' in result)).toEqual([true, false]);
    expect(results[0]?.result).toMatchObject({ image_id: 'image-d', error: 'The file is neither JPEG nor PNG.' });
  });
});

describe('failureOf', () => {
  it('names the task and the reason', () => {
    const task = { id: '1', image_id: 'image-1', image_url: '', reply_subject: 'reply.1' };
    expect(failureOf({ task, message: 'GET /x was answered 404' })).toEqual({
      reply_subject: 'reply.1',
      result: { error: 'GET /x was answered 404', image_id: 'image-1' },
    });
  });
});
