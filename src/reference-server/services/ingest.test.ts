import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeImages, settledPeak, stagedShmBytes, withPullJob } from '../../testing/pull-job.ts';
import { isBuilt, withTrialServer } from '../../testing/trials/server.ts';

const reason = isBuilt ? '' : ' (skipped: there is no build; run npm run build)';
const order = { width: 512, height: 64, bytes: 20_000, count: 4, tasks: 24 };
const tensorBytes = 12 * order.width * order.height;
const planted = makeImages(order).map(({ imageId }) => Number(imageId));
const narrow = ['--services', 'ingest', '--knob', 'loaders=1', '--knob', 'batch=3', '--knob', 'prefetch=2'];
const inShm = [...narrow, '--knob', 'stage=shm', '--knob', 'self-throttle-ratio=0'];

interface Answer {
  source_images: { planted_id: number }[];
}

const foldersOf = (pid: number): string[] =>
  readdirSync('/dev/shm').filter((name) => name.startsWith(`headroom-ingest-${pid}-`));

describe.skipIf(!isBuilt)(`the pull worker of a running server${reason}`, () => {
  it('holds (W x PF + 1) x B x I in /dev/shm, answers each task once, and leaves nothing', async () => {
    const pid = await withTrialServer([...inShm, '--time-scale', '0.1'], null, (server) =>
      withPullJob(server, order, async (api) => {
        const peak = settledPeak(api, 2000, () => stagedShmBytes(server.pid));
        expect(await peak).toBe((2 + 1) * 3 * tensorBytes);
        await expect.poll(() => api.results().length, { timeout: 20_000 }).toBe(order.tasks);
        expect(new Set(api.results().map(({ replySubject }) => replySubject)).size).toBe(order.tasks);
        const seen = api.results().map(({ result }) => (result as unknown as Answer).source_images[0]?.planted_id);
        expect(new Set(seen)).toEqual(new Set(planted));
        await expect.poll(() => server.metric('headroom_ingest_jobs_done_total')).toBe(1);
        expect([stagedShmBytes(server.pid), foldersOf(server.pid).length]).toEqual([0, 1]);
        expect(server.processes().map(({ name }) => name)).not.toContain('ref-loader');
        return server.pid;
      }),
    );
    expect(foldersOf(pid)).toEqual([]);
  });

  it('keeps raw files on disk, and nothing in /dev/shm', () =>
    withTrialServer([...narrow, '--time-scale', '0.02'], null, (server) =>
      withPullJob(server, { ...order, tasks: 12 }, async (api) => {
        await expect.poll(() => api.results().length, { timeout: 20_000 }).toBe(12);
        expect(api.results().filter(({ result }) => 'error' in result)).toEqual([]);
        expect(foldersOf(server.pid)).toEqual([]);
      }),
    ));

  it('gives up the job of a loader that was killed, with all its files, and takes the next', () =>
    withTrialServer([...inShm, '--time-scale', '0.2'], null, (server) =>
      withPullJob(server, { ...order, tasks: 60 }, async (api) => {
        await expect.poll(() => api.results().length, { timeout: 20_000 }).toBeGreaterThan(0);
        const loader = server.processes().find(({ name }) => name === 'ref-loader');
        process.kill(loader?.pid ?? 0, 'SIGKILL');
        await expect.poll(() => stagedShmBytes(server.pid), { timeout: 20_000 }).toBe(0);
        const before = api.results().length;
        await expect.poll(() => api.results().length, { timeout: 20_000 }).toBeGreaterThan(before);
        expect((await server.get('/health')).status).toBe(200);
      }),
    ));

  it('takes one source only, and stays healthy while that cannot be reached', () =>
    withTrialServer(['--services', 'ingest', '--time-scale', '0.05'], null, async (server) => {
      const tell = (url: string) =>
        server.post('/v1/ingest/source', 'application/json', Buffer.from(JSON.stringify({ jobs_url: url })));
      expect((await tell('ftp://127.0.0.1/')).status).toBe(400);
      expect((await tell('http://127.0.0.1:1/')).status).toBe(202);
      expect((await tell('http://127.0.0.1:1/')).status).toBe(409);
      await expect.poll(() => server.metric('headroom_ingest_loaders')).toBe(2);
      expect((await server.get('/health')).status).toBe(200);
    }));
});
