import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type JobApi, openJobApi } from '../../../testing/job-api.ts';
import { makeImages } from '../../../testing/pull-job.ts';
import type { DecodeImage } from '../images/decode-image.ts';
import { Downloads } from './downloads.ts';
import { createDiskStager, createShmStager, type Stager, stageBatch } from './stager.ts';
import type { StagedImage, Task } from './workers/messages.ts';

const width = 512;
const height = 64;
const image = makeImages({ width, height, bytes: 20_000, count: 1 })[0]?.bytes ?? Buffer.alloc(0);
const downloads = new Downloads(2, null);
/** Stands for the decoder: every pixel is (255, 0, 51). */
const decode: DecodeImage = async () => {
  const samples = new Uint8Array(width * height * 3);
  for (let index = 0; index < samples.length; index += 3) {
    samples.set([255, 0, 51], index);
  }
  return { width, height, channels: 3, samples };
};
let api: JobApi;
let folder = '';
let tasks: Task[] = [];

beforeAll(async () => {
  api = await openJobApi();
  const id = api.addJob([image, null], 2);
  const base = api.jobsUrl.replace('/api/v2', '');
  tasks = [0, 1].map((index) => ({
    id: String(index),
    image_id: `image-${index}`,
    image_url: `${base}/images/${id}/${index}`,
    reply_subject: `reply.${index}`,
  }));
});
afterAll(() => api.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stager-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const shmStager = (): Stager => createShmStager(folder, 3, { downloads, decode, mostPixels: 1e6 });

describe('createShmStager', () => {
  it('writes 12 bytes for each pixel: three planes of float32', async () => {
    const [task] = tasks;
    const { images, failed } = await stageBatch(shmStager(), task === undefined ? [] : [task, task], 1, 2);
    expect([images.length, failed]).toEqual([2, []]);
    expect(images[0]).toMatchObject({ sizeBytes: 12 * width * height, decoded: { imageId: null, width, height } });
    const bytes = readFileSync(images[0]?.path ?? '');
    expect(bytes.length).toBe(12 * width * height);
    const pixels = width * height;
    expect([0, pixels, 2 * pixels].map((index) => bytes.readFloatLE(index * 4))).toEqual([
      1,
      0,
      expect.closeTo(0.2) as number,
    ]);
  });

  it('stages one batch after another under names of their own', async () => {
    const stager = shmStager();
    for (const batch of [1, 2]) {
      await stageBatch(stager, tasks.slice(0, 1), batch, 2);
    }
    expect(readdirSync(folder).sort((a, b) => a.localeCompare(b))).toEqual(['3-1-0.f32', '3-2-0.f32']);
  });
});

describe('createDiskStager', () => {
  it('keeps the file as it came, and decodes nothing', async () => {
    const { images } = await stageBatch(createDiskStager(folder, 0, downloads), tasks.slice(0, 1), 1, 2);
    expect(images[0]).toMatchObject({ sizeBytes: image.length, decoded: null });
    expect(readFileSync(images[0]?.path ?? '').equals(image)).toBe(true);
  });
});

describe('stageBatch', () => {
  it.each([
    ['in /dev/shm', shmStager],
    ['on disk', () => createDiskStager(folder, 0, downloads)],
  ])('tells a task that failed, and stages the others %s', async (_where, make) => {
    const { images, failed } = await stageBatch(make(), tasks, 1, 2);
    expect(images.map(({ task }) => task.id)).toEqual(['0']);
    expect(failed).toEqual([{ task: tasks[1], message: expect.stringContaining('answered 404') as string }]);
  });

  const refusal = (code: string): Error => Object.assign(new Error(`${code}: refused`), { code });
  const staged = (task: Task): StagedImage => ({ task, path: join(folder, task.id), sizeBytes: 1, decoded: null });

  it('fails all tasks of a batch that cannot be put down, and names the refusal', async () => {
    const full: Stager = {
      fetch: async (task) => staged(task),
      finish: () => Promise.reject(refusal('ENOSPC')),
    };
    const { images, failed, refusals } = await stageBatch(full, tasks, 1, 2);
    expect([images, failed.map(({ message }) => message)]).toEqual([[], ['ENOSPC: refused', 'ENOSPC: refused']]);
    expect([...refusals]).toEqual([['ENOSPC', 'ENOSPC: refused']]);
  });

  it('names each refusal of a download once', async () => {
    const poor: Stager = { fetch: () => Promise.reject(refusal('EMFILE')), finish: async () => undefined };
    const { failed, refusals } = await stageBatch(poor, tasks, 1, 1);
    expect([failed.length, [...refusals.keys()]]).toEqual([2, ['EMFILE']]);
  });

  it('runs no more downloads side by side than it has threads', async () => {
    let running = 0;
    let most = 0;
    const slow: Stager = {
      async fetch(task) {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return staged(task);
      },
      finish: async () => undefined,
    };
    const many = Array.from({ length: 20 }, (_, index) => ({ ...(tasks[0] as Task), id: String(index) }));
    expect((await stageBatch(slow, many, 1, 3)).images.length).toBe(20);
    expect(most).toBe(3);
  });
});
