import { describe, expect, it } from 'vitest';
import { makeImages } from '../../testing/pull-job.ts';
import { isBuilt, withTrialServer } from '../../testing/trials/server.ts';
import type { TrialReply, TrialServer } from '../../testing/trials/trial.ts';

const reason = isBuilt ? '' : ' (skipped: there is no build; run npm run build)';
const boundary = 'edge-of-part';
const images = makeImages({ width: 640, height: 480, bytes: 200_000, count: 4 });

function post(server: TrialServer, file: Uint8Array): Promise<TrialReply> {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return server.post('/v1/images/classify', `multipart/form-data; boundary=${boundary}`, body);
}

describe.skipIf(!isBuilt)(`the image route of a running server${reason}`, () => {
  it('sees what was planted, refuses what is broken, and has a new worker when one is killed', () =>
    withTrialServer(['--services', 'images', '--time-scale', '0.05'], null, async (server) => {
      const replies = await Promise.all(images.map(({ bytes }) => post(server, bytes)));
      const seen = replies.map(({ status, body }) => [status, (JSON.parse(body) as { image_id: number }).image_id]);
      expect(seen).toEqual(images.map(({ imageId }) => [200, Number(imageId)]));

      const broken = await post(server, images[0]?.bytes.subarray(0, 100_000) ?? Buffer.alloc(0));
      expect(broken.status).toBe(400);
      expect(JSON.parse(broken.body)).toMatchObject({ error: { code: 'invalid_image' } });
      expect(await server.metric('headroom_spool_bytes')).toBe(0);

      const worker = server.processes().find(({ name }) => name === 'ref-image');
      expect(worker?.parentPid).toBe(server.pid);
      process.kill(worker?.pid ?? 0, 'SIGKILL');
      await expect
        .poll(async () => (await post(server, images[1]?.bytes ?? Buffer.alloc(0))).status, { timeout: 20_000 })
        .toBe(200);
      expect(await server.metric('headroom_images_decoded_bytes')).toBe(0);
    }));
});
