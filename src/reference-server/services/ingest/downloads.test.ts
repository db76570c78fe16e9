import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type JobApi, openJobApi } from '../../../testing/job-api.ts';
import { Downloads } from './downloads.ts';

const image = Buffer.alloc(100_000, 7);
let api: JobApi;
let addresses: string[] = [];
let downloads: Downloads | null = null;

beforeAll(async () => {
  api = await openJobApi();
  const id = api.addJob([image, null], 2);
  const base = api.jobsUrl.replace('/api/v2', '');
  addresses = [`${base}/images/${id}/0`, `${base}/images/${id}/1`];
});
afterEach(() => {
  for (const batch of [1, 2]) {
    downloads?.release(batch);
  }
});
afterAll(() => api.close());

async function bytesOf(chunks: AsyncGenerator<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
  }
  return bytes;
}

const get = async (from: Downloads, which = 0, batch = 1): Promise<number> =>
  bytesOf(await from.open(addresses[which] ?? '', batch));

describe('Downloads', () => {
  it('hand the chunks on as they come', async () => {
    downloads = new Downloads(2, null);
    expect(await get(downloads)).toBe(image.length);
  });

  it('use one connection again and again', async () => {
    downloads = new Downloads(1, null);
    for (let turn = 0; turn < 5; turn += 1) {
      await get(downloads);
    }
    expect(await api.connections()).toBeLessThanOrEqual(2);
  });

  it('keep a pool of connections for each download until its batch is released', async () => {
    const kept = new Downloads(8, 5);
    const before = await api.connections();
    await Promise.all([get(kept), get(kept), get(kept, 0, 2)]);
    await expect.poll(async () => (await api.connections()) - before).toBe(15);
    kept.release(1);
    await expect.poll(async () => (await api.connections()) - before).toBe(5);
    kept.release(2);
    kept.release(2);
    await expect.poll(async () => (await api.connections()) - before).toBe(0);
  });

  it('try three times when the host fails', async () => {
    downloads = new Downloads(1, null);
    api.failImages(503, 2);
    expect(await get(downloads)).toBe(image.length);
    api.failImages(503, 3);
    await expect(get(downloads)).rejects.toThrow(/answered 503/);
    expect(await get(downloads)).toBe(image.length);
  });

  it('take no for an answer', async () => {
    downloads = new Downloads(1, null);
    await expect(get(downloads, 1)).rejects.toThrow(/answered 404/);
  });

  it('reject where nobody listens', async () => {
    downloads = new Downloads(1, 2);
    await expect(downloads.open('http://127.0.0.1:1/x', 1)).rejects.toThrow(/ECONNREFUSED/);
  });
});
