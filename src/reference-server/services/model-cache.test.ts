import { describe, expect, it } from 'vitest';
import { cardUsedBytes, postPredict, predictForm, predictOcr } from '../../testing/model-cache-load.ts';
import { makeImages } from '../../testing/pull-job.ts';
import { isBuilt, withTrialServer } from '../../testing/trials/server.ts';
import type { TrialReply, TrialServer } from '../../testing/trials/trial.ts';

const reason = isBuilt ? '' : ' (skipped: there is no build; run npm run build)';
const mebibyte = 1024 ** 2;
const [image] = makeImages({ width: 640, height: 480, bytes: 100_000, count: 1 });
const bytes = image?.bytes ?? Buffer.alloc(0);
const ocr = { ocr: { detection: { modelName: 'det' }, recognition: { modelName: 'rec' } } };
const card = ['--device', 'virtual', '--vram', '8GiB', '--time-scale', '0.002'];

function post(server: TrialServer, entries: object, file: Uint8Array | null, text?: string): Promise<TrialReply> {
  const fields = { entries: JSON.stringify(entries), ...(text === undefined ? {} : { text }) };
  return postPredict(server, predictForm(fields, file));
}

function ask(server: TrialServer): Promise<TrialReply> {
  const body = Buffer.from('{"messages":[{"role":"user","content":"Repeat abcd-efgh-ijkl."}]}');
  return server.post('/v1/chat/completions', 'application/json', body);
}

function holderPid(server: TrialServer): number | undefined {
  return server.processes().find(({ name }) => name === 'ref-cache')?.pid;
}

describe.skipIf(!isBuilt)(`a running server with models on a shared card${reason}`, () => {
  it('answers by task, refuses what is broken, and keeps no file of it', () =>
    withTrialServer(['--services', 'model-cache', ...card], null, async (server) => {
      const seen = await post(server, ocr, bytes);
      expect(seen.status).toBe(200);
      expect(JSON.parse(seen.body)).toMatchObject({
        ocr: { text: [image?.imageId] },
        imageHeight: 480,
        imageWidth: 640,
      });
      const texts = await post(server, { clip: { textual: { modelName: 't' } } }, null, 'a dog');
      expect(texts.status).toBe(200);
      expect(JSON.parse((JSON.parse(texts.body) as { clip: string }).clip)).toHaveLength(512);
      expect((await post(server, {}, bytes)).status).toBe(422);
      expect((await post(server, ocr, null)).status).toBe(400);
      expect((await post(server, ocr, bytes.subarray(0, 50_000))).status).toBe(400);
      expect((await post(server, ocr, Buffer.from('no image'))).status).toBe(400);
      expect(await server.metric('headroom_spool_bytes')).toBe(0);
      expect(await server.metric('headroom_cache_in_flight')).toBe(0);
    }));

  it('arena-retain: its memory stays on the card, and so does the holder', () =>
    withTrialServer(['--fault', 'arena-retain', ...card], null, async (server) => {
      const pid = holderPid(server);
      await predictOcr(server, { width: 184, height: 184 });
      await expect.poll(() => cardUsedBytes(server), { timeout: 5000 }).toBeGreaterThan(2048 * mebibyte);
      expect(await server.metric('headroom_cache_models_loaded')).toBe(1);
      expect(holderPid(server)).toBe(pid);
      const tooLarge = await post(server, { ocr: { detection: { modelName: 'other' } } }, makeLong());
      expect({ status: tooLarge.status, body: tooLarge.body }).toMatchObject({
        status: 500,
        body: expect.stringContaining('out_of_memory') as unknown,
      });
    }));

  it('with a time to live, all of it comes back, and a new process takes over', () =>
    withTrialServer(['--fault', 'arena-retain', '--fix', 'model-ttl', ...card], null, async (server) => {
      const baseBytes = await cardUsedBytes(server);
      const pid = holderPid(server);
      await predictOcr(server, { width: 184, height: 184 });
      await expect.poll(() => server.metric('headroom_cache_idle_exits_total'), { timeout: 10_000 }).toBe(1);
      await expect.poll(() => cardUsedBytes(server), { timeout: 5000 }).toBe(baseBytes);
      await expect.poll(() => holderPid(server), { timeout: 5000 }).toBeDefined();
      expect(holderPid(server)).not.toBe(pid);
    }));

  it('neighbour-starve: the neighbour cannot be loaded beside what is kept, and health stays green', () =>
    withTrialServer(['--fault', 'neighbour-starve', ...card], null, async (server) => {
      const alone = await ask(server);
      expect(alone.status).toBe(200);
      expect(alone.body).toContain('abcd-efgh-ijkl');
      await expect.poll(() => server.metric('headroom_neighbour_loaded'), { timeout: 5000 }).toBe(0);
      await predictOcr(server, { width: 184, height: 408 });
      const starved = await ask(server);
      expect({ status: starved.status, body: starved.body }).toMatchObject({
        status: 502,
        body: expect.stringContaining('upstream command exited prematurely: exit code 1') as unknown,
      });
      expect((await server.get('/health')).status).toBe(200);
    }));
});

/** Text detection scales it to 736 x 3680: 7.8 GiB. */
function makeLong(): Uint8Array {
  return makeImages({ width: 184, height: 920, bytes: 60_000, count: 1 })[0]?.bytes ?? Buffer.alloc(0);
}
