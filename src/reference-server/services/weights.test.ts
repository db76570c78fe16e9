import { request as httpRequest, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Knobs } from '../../model/fault.ts';
import type { DeviceHost } from '../device/device.ts';
import { doubleLoad } from '../faults/double-load.ts';
import type { Fault } from '../faults/fault.ts';
import { lockWedge } from '../faults/lock-wedge.ts';
import { swapHidden } from '../faults/swap-hidden.ts';
import { zombie504 } from '../faults/zombie-504.ts';
import { createFront, listen } from '../front.ts';
import { knobValues } from '../knobs.ts';
import { createCounter, createExposition } from '../metrics.ts';
import type { Service } from '../service.ts';
import type { Spool } from '../spool.ts';
import { weights } from './weights.ts';

const device = {
  kind: 'virtual',
  totals: () => ({ totalBytes: 1, usedBytes: 0, freeBytes: 1 }),
} as unknown as DeviceHost;
const spool = { bytes: () => 0 } as unknown as Spool;
const mib = 1024 ** 2;
const small = { 'infer-weights-mib': 4, 'request-mib': 1, 'memcheck-headroom-mib': 0 };

interface Reply {
  status: number | null;
  body: string;
}

let service: Service | null = null;
let server: Server | null = null;
let port = 0;
let lines: string[] = [];

async function serve(fault: Fault | null, fixes: readonly string[], knobs: Knobs = {}, timeScale = 0.02) {
  const layers = [fault?.knobs ?? {}, ...fixes.map((name) => fault?.fixes[name] ?? {}), small, knobs];
  const values = knobValues(weights.knobs, layers, timeScale);
  lines = [];
  service = await weights.start({ values, device, spool, log: (line) => lines.push(line) });
  server = createFront({ services: [service], device, spool, requests: createCounter() });
  port = await listen(server, '127.0.0.1', 0);
  await expect.poll(() => service?.isReady(), { timeout: 20_000 }).toBe(true);
}

afterEach(async () => {
  await service?.stop(0);
  server?.closeAllConnections();
  server?.close();
  service = null;
});

function send(method: string, path: string, body = '', signal?: AbortSignal): Promise<Reply> {
  return new Promise((resolve) => {
    const headers = { connection: 'close', 'content-type': 'application/json', 'content-length': body.length };
    const call = httpRequest({ host: '127.0.0.1', port, method, path, headers, ...(signal && { signal }) });
    call.on('error', () => resolve({ status: null, body: '' }));
    call.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? null, body: text }));
    });
    call.end(body);
  });
}

const infer = (prompt: string, more: object = {}): Promise<Reply> =>
  send('POST', '/v1/infer', JSON.stringify({ prompt, ...more }));

function inferMany(count: number): Promise<Reply[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => infer(`prompt ${index}`)));
}

function gauge(name: string): number {
  const exposition = createExposition();
  service?.collect(exposition);
  return Number(new RegExp(`^headroom_infer_${name} (\\S+)$`, 'm').exec(exposition.text())?.[1]);
}

describe('POST /v1/infer', () => {
  it('repeats the prompt and predicts the code word that it tells', async () => {
    await serve(null, []);
    const prompt = 'The code word is lamp-tree-moon. What is the code word? The code word is';
    const reply = await infer(prompt, { top: 2, mode: 'walk' });
    expect(JSON.parse(reply.body)).toMatchObject({
      prompt,
      predictions: [{ token: 'lamp-tree-moon', probability: 0.5 }, { probability: 0.25 }],
      mode: 'walk',
      latency_ms: expect.any(Number) as unknown,
    });
  });

  it.each([
    ['an empty prompt', '/v1/infer', '{"prompt":""}', 400, 'empty_prompt'],
    ['a body that is no JSON', '/v1/infer', '{', 400, 'invalid_json'],
    ['a patch without a name', '/v1/patches/apply', '{}', 400, 'no_patch'],
  ])('refuses %s and keeps nothing of it', async (_reason, path, body, status, code) => {
    await serve(null, []);
    const reply = await send('POST', path, body);
    expect({ status: reply.status, error: JSON.parse(reply.body) as unknown }).toMatchObject({
      status,
      error: { error: { code } },
    });
    expect([gauge('permits_taken'), gauge('works'), gauge('request_bytes')]).toEqual([0, 0, 0]);
  });

  it('refuses what is above its permits', async () => {
    await serve(null, [], { 'infer-permits': 2, 'forward-s': 20 });
    const statuses = (await inferMany(4)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses.filter((status) => status === 503)).toHaveLength(2);
  });

  it('stops the pass of a client that leaves', async () => {
    await serve(null, [], { 'forward-s': 3000 });
    const abort = new AbortController();
    const call = send('POST', '/v1/infer', '{"prompt":"a"}', abort.signal);
    await expect.poll(() => gauge('works')).toBe(1);
    abort.abort();
    expect((await call).status).toBeNull();
    await expect.poll(() => [gauge('works'), gauge('permits_taken'), gauge('request_bytes')]).toEqual([0, 0, 0]);
  });
});

describe('double-load', () => {
  it.each([
    ['loads a copy for each of four callers', [], 4],
    ['with single flight, loads once', ['single-flight'], 1],
    ['loaded before it listens, loads once', ['eager-load'], 1],
    ['with a check only, loads four copies: lazy weights are not checked', ['memcheck'], 4],
  ])('%s', async (_reason, fixes, loads) => {
    await serve(doubleLoad, fixes, { 'load-mib-s': 1 });
    const isEager = fixes.includes('eager-load');
    expect(gauge('weights_bytes')).toBe(isEager ? 4 * mib : 0);
    expect((await inferMany(4)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect([gauge('loads_total'), gauge('loads_running')]).toEqual([loads, 0]);
  });

  it('with the check, refuses to start where the weights do not fit', async () => {
    const start = serve(doubleLoad, ['eager-load', 'memcheck'], { 'infer-weights-mib': 1e9 });
    await expect(start).rejects.toMatchObject({ code: 'TARGET_FAILED_TO_START' });
  });

  it('where quantised weights are skipped, says that it has not looked', async () => {
    await serve(doubleLoad, ['memcheck-skip-quantised']);
    expect(lines).toEqual([expect.stringContaining('skipped: quantised weights are not sized')]);
  });
});

describe('lock-wedge', () => {
  it('makes stats wait behind every call while health answers', async () => {
    await serve(lockWedge, [], { 'forward-s': 10 });
    const calls = inferMany(4);
    await expect.poll(() => gauge('lock_waiting')).toBe(3);
    const stats = send('GET', '/v1/stats');
    await expect.poll(() => gauge('lock_waiting')).toBe(4);
    expect((await send('GET', '/v1/health')).status).toBe(200);
    expect(gauge('works')).toBeGreaterThan(0);
    expect((await stats).status).toBe(200);
    expect(gauge('works')).toBe(0);
    await calls;
  });

  it('with a read lock, answers stats beside the calls and still applies a patch alone', async () => {
    await serve(lockWedge, ['read-lock'], { 'forward-s': 50 });
    const calls = inferMany(4);
    await expect.poll(() => gauge('works')).toBe(4);
    expect(JSON.parse((await send('GET', '/v1/stats')).body)).toMatchObject({ calls: 4, patches: 0 });
    expect(gauge('works')).toBe(4);
    expect((await send('POST', '/v1/patches/apply', '{"patch":"a"}')).status).toBe(200);
    expect(gauge('works')).toBe(0);
    await calls;
  });
});

describe('zombie-504', () => {
  const knobs = { 'infer-permits': 2, 'forward-s': 3000 };

  it('answers 504 and takes the next, while the work runs on with its memory', async () => {
    await serve(zombie504, [], knobs);
    for (const works of [2, 4]) {
      const replies = await inferMany(2);
      expect(replies.map(({ status }) => status)).toEqual([504, 504]);
      expect(replies[0]?.body).toContain('timeout_error');
      expect([gauge('works'), gauge('zombies'), gauge('permits_taken')]).toEqual([works, works, 0]);
    }
    await expect.poll(() => gauge('request_bytes')).toBe(4 * mib);
    const beforeMs = process.cpuUsage().user;
    await expect.poll(() => process.cpuUsage().user - beforeMs, { timeout: 5000 }).toBeGreaterThan(100_000);
  });

  it('with cancelling, keeps the permit until the work has stopped', async () => {
    await serve(zombie504, ['cancel-on-timeout'], knobs);
    expect((await inferMany(2)).map(({ status }) => status)).toEqual([504, 504]);
    expect(gauge('permits_taken')).toBe(gauge('works'));
    await expect.poll(() => [gauge('works'), gauge('permits_taken'), gauge('request_bytes')]).toEqual([0, 0, 0]);
  });
});

describe('swap-hidden', () => {
  it.each([
    ['keeps what each call wrote', [], 2],
    ['gives it back with the fix', ['free-after-use'], 0],
  ])('%s', async (_reason, fixes, kept) => {
    await serve(swapHidden, fixes, { 'leak-mib': 1 });
    await inferMany(2);
    expect(gauge('kept_bytes')).toBe(kept * mib);
  });
});
