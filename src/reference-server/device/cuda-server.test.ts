import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { speechLongform } from '../../generators/speech-longform.ts';
import { buildFakeDriver, type FakeDriver, whyNoFakeDriver } from '../../testing/fake-driver/build.ts';

const mebibyte = 1024 ** 2;
const built = (path: string): string =>
  fileURLToPath(new URL(`../../../dist/reference-server/${path}`, import.meta.url));
const hasBuild = existsSync(built('device/cuda-check-main.js'));
const why = hasBuild ? await whyNoFakeDriver() : 'there is no build; run npm run build';

interface Listening {
  listening: { port: number };
  device: { kind: string; why: string };
}

describe.skipIf(why !== null)(`the server with --device${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let fake: FakeDriver;
  const flags = ['--services', 'speech', '--time-scale', '0.02', '--end-with-parent'];
  const start = (device: string, env: Record<string, string>) =>
    execaNode(built('main.js'), ['--device', device, ...flags], {
      env: { ...fake.env, FAKE_VRAM_MIB: '8192', ...env },
      stdin: 'pipe',
      reject: false,
    });

  async function listening(server: ReturnType<typeof start>): Promise<Listening> {
    const line = await Promise.race([
      once(createInterface(server.stdout), 'line'),
      server.then(({ stderr }) => Promise.reject(new Error(`the server ended before it listened: ${stderr}`))),
    ]);
    return JSON.parse(String(line[0])) as Listening;
  }

  async function end(server: ReturnType<typeof start>): Promise<unknown> {
    server.stdin.end();
    return (await server).exitCode;
  }

  beforeAll(async () => {
    fake = await buildFakeDriver();
  });
  afterAll(() => fake.remove());

  it('keeps its weights on a real device that it finds, and tells what is taken there', async () => {
    const server = start('auto', {});
    const { listening: place, device } = await listening(server);
    expect(device).toEqual({ kind: 'cuda', why: 'Fake GPU, driver 570.00', monitor: null });
    const usedMib = async (): Promise<number> => {
      const text = await (await fetch(`http://127.0.0.1:${place.port}/metrics`)).text();
      return Number(/^headroom_device_used_bytes\{kind="cuda"\} (\d+)$/m.exec(text)?.[1]) / mebibyte;
    };
    // The driver's reserve, the hot worker's context and its weights.
    await expect.poll(usedMib, { timeout: 20_000 }).toBe(64 + 100 + 1536);
    expect(await end(server)).toBe(0);
  });

  it('computes the features of a clip there on its way to the transcript', async () => {
    const server = start('cuda', {});
    const { listening: place } = await listening(server);
    const url = `http://127.0.0.1:${place.port}`;
    await expect.poll(async () => (await fetch(`${url}/health`)).status, { timeout: 20_000 }).toBe(200);
    const [clip] = speechLongform.items(
      { sampleRate: 16_000, by: 'seconds', buckets: [{ from: 2, to: 2, share: 1 }] },
      { name: 'x', count: 1, random: createRandom('x'), place: 'x', folder: '.' },
    );
    const bytes = Buffer.concat(Array.from(clip?.chunks() ?? [], (chunk) => Buffer.from(chunk)));
    const form = new FormData();
    form.set('model', 'x');
    form.set('file', new Blob([bytes]), 'a.wav');
    const reply = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form });
    expect(await reply.json()).toEqual({ text: clip?.truth['tokens'] });
    expect(await end(server)).toBe(0);
  });

  it('goes on with the ledger where no driver is, and says so', async () => {
    const server = start('auto', { CUDA_LIB: '/nowhere/libcuda.so.1' });
    const { device } = await listening(server);
    expect(device).toEqual({
      kind: 'virtual',
      why: 'cannot open /nowhere/libcuda.so.1',
      monitor: expect.stringMatching(/ledger\.sock$/) as unknown,
    });
    expect(await end(server)).toBe(0);
  });

  it.each([
    [{ CUDA_LIB: '/nowhere/libcuda.so.1' }, 'cannot open /nowhere/libcuda.so.1'],
    [{ FAKE_INIT_CODE: '100' }, 'cuInit: 100 no CUDA device'],
  ])('ends with one line when CUDA was asked for and is not there (%j)', async (env, reason) => {
    const { exitCode, stderr } = await start('cuda', env);
    expect([exitCode, stderr]).toEqual([
      5,
      `There is no CUDA device to use: ${reason}. Take --device virtual, or --device auto, which falls back to it.`,
    ]);
  });
});
