import { readdirSync, readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Knobs } from '../../model/fault.ts';
import type { DeviceHost } from '../device/device.ts';
import type { Fault } from '../faults/fault.ts';
import { limitConcurrency1 } from '../faults/limit-concurrency-1.ts';
import { stdoutBuffer } from '../faults/stdout-buffer.ts';
import { unboundedConcurrency } from '../faults/unbounded-concurrency.ts';
import { createFront, listen } from '../front.ts';
import { knobValues } from '../knobs.ts';
import { createCounter, createExposition } from '../metrics.ts';
import type { Service } from '../service.ts';
import type { Spool } from '../spool.ts';
import { createRuntimes } from './sandbox/runtimes.ts';
import { sandbox } from './sandbox.ts';

const device: DeviceHost = {
  kind: 'virtual',
  why: 'a test',
  address: { kind: 'virtual', socketPath: '' },
  totals: () => ({ totalBytes: 1, usedBytes: 0, freeBytes: 1 }),
  refresh: async () => undefined,
  stop: async () => undefined,
} as unknown as DeviceHost;
const spool = {} as Spool;

interface Reply {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  body: string;
}

let service: Service | null = null;
let server: Server | null = null;
let port = 0;

async function serve(layers: readonly Knobs[]): Promise<void> {
  service = await sandbox.start({
    values: knobValues(sandbox.knobs, layers, 1),
    device,
    spool,
    log: () => undefined,
  });
  server = createFront({ services: [service], device, spool, requests: createCounter() });
  port = await listen(server, '127.0.0.1', 0);
}

function variant(fault: Fault, fixes: readonly string[]): Knobs[] {
  return [fault.knobs, ...fixes.map((name) => fault.fixes[name] ?? {})];
}

afterEach(async () => {
  await service?.stop(0);
  server?.closeAllConnections();
  server?.close();
});

function open(method: string, path: string, headers: Record<string, string | number>): ClientRequest {
  return httpRequest({ host: '127.0.0.1', port, method, path, headers: { connection: 'close', ...headers } });
}

function send(
  method: string,
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = open(method, path, {
      'content-type': 'application/json',
      ...('transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    });
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    call.end(body);
  });
}

const execute = (code: string, more: object = {}): Promise<Reply> =>
  send('POST', '/execute', JSON.stringify({ code, language: 'javascript', ...more }));
/** Read from the service, since a connection of our own would count. */
function gauge(name: string): number | null {
  const exposition = createExposition();
  service?.collect(exposition);
  const match = new RegExp(`^${name} (\\S+)$`, 'm').exec(exposition.text());
  return match === null ? null : Number(match[1]);
}
const programs = (): number | null => gauge('headroom_sandbox_programs');

/** Processes of this user whose command line holds the word. */
function processesWith(word: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(word);
    } catch {
      return false;
    }
  });
}

const python = await createRuntimes()
  .interpreter('python')
  .then(
    () => true,
    () => false,
  );
const whyNoPython = python ? '' : ' (skipped: there is no python3)';

describe('POST /execute', () => {
  it('runs nothing for a page that reached it by a name of its own', async () => {
    await serve([]);
    const body = JSON.stringify({ language: 'python', code: 'print(1)' });
    const foreign = await send('POST', '/execute', body, { host: `rebound.example:${port}` });
    const own = await send('POST', '/execute', body, { host: `localhost:${port}` });
    expect([foreign.status, JSON.parse(foreign.body)]).toEqual([
      403,
      { error: { message: 'The Host header names another machine.', code: 'foreign_host' } },
    ]);
    expect(own.status).toBe(200);
  });

  it('answers with what the program printed and its exit code', async () => {
    await serve([]);
    const reply = await execute('console.log("out"); console.error("err"); process.exitCode = 3');
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toEqual({ stdout: 'out\n', stderr: 'err\n', exit_code: 3, timed_out: false });
  });

  it.skipIf(!python)(`runs Python where no language is named${whyNoPython}`, async () => {
    await serve([]);
    const reply = await send('POST', '/execute', '{"code":"import sys\\nprint(6 * 7, sys.flags.isolated, \\"ä\\")"}');
    expect(JSON.parse(reply.body)).toEqual({ stdout: '42 1 ä\n', stderr: '', exit_code: 0, timed_out: false });
  });

  it.skipIf(!python)(`gives a Python program no more memory than its limit${whyNoPython}`, async () => {
    await serve([{ 'subprocess-mib': 64 }]);
    const small = await execute('print(len(bytearray(32 << 20)))', { language: 'python' });
    expect(JSON.parse(small.body)).toMatchObject({ stdout: '33554432\n', exit_code: 0 });
    const large = await execute('bytearray(80 << 20)', { language: 'python' });
    expect(JSON.parse(large.body)).toMatchObject({
      stderr: expect.stringContaining('MemoryError') as unknown,
      exit_code: 1,
    });
  });

  it('gives a JavaScript program its limit beside what Node takes itself', async () => {
    await serve([{ 'subprocess-mib': 128 }]);
    const small = await execute('console.log(Buffer.alloc(64 << 20, 1).length)');
    expect(JSON.parse(small.body)).toMatchObject({ stdout: '67108864\n', exit_code: 0 });
    const large = await execute('Buffer.alloc(512 << 20, 1)');
    expect(JSON.parse(large.body)).toMatchObject({ stdout: '', exit_code: 1 });
  });

  it('hands no secrets of its own environment to a program, and puts it first in the line of the OOM killer', async () => {
    await serve([]);
    const reply = await execute(
      'console.log(Object.keys(process.env).sort().join(), require("fs").readFileSync("/proc/self/oom_score_adj", "utf8"))',
    );
    expect((JSON.parse(reply.body) as { stdout: string }).stdout.trim()).toMatch(/^LANG,PATH(,PWD)?(,_)? 500$/);
  });

  it('ends a program at its timeout with all that it started', async () => {
    await serve([]);
    const startGrandchild = `require("child_process").spawn("sleep", ["60"], { env: { ...process.env, MARK: "grandchild-${port}" }, stdio: "inherit" });`;
    const pending = execute(`${startGrandchild} console.log("up"); setInterval(() => 0, 1000)`, { timeout: 2 });
    await expect.poll(() => processesWith(`grandchild-${port}`).length, { timeout: 3000 }).toBe(1);
    expect(JSON.parse((await pending).body)).toMatchObject({ stdout: 'up\n', exit_code: -9, timed_out: true });
    await expect.poll(() => processesWith(`grandchild-${port}`), { timeout: 5000 }).toEqual([]);
  });

  it('answers 200 with exit_code -9 for a program that is killed from outside', async () => {
    await serve([]);
    const reply = await execute('process.kill(process.pid, "SIGKILL")');
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toMatchObject({ exit_code: -9, timed_out: false });
  });

  it('ends the program of a client that goes away, and takes the next', async () => {
    await serve([{ 'exec-slots': 1 }]);
    const body = JSON.stringify({ code: 'setInterval(() => 0, 1000)', language: 'javascript' });
    const call = open('POST', '/execute', { 'content-type': 'application/json', 'content-length': body.length });
    call.on('error', () => undefined);
    call.end(body);
    await expect.poll(programs, { timeout: 5000 }).toBe(1);
    call.destroy();
    await expect.poll(programs, { timeout: 5000 }).toBe(0);
    expect((await execute('0')).status).toBe(200);
  });

  it('ends all programs when it stops', async () => {
    await serve([]);
    const pending = execute('setInterval(() => 0, 1000)');
    await expect.poll(programs, { timeout: 5000 }).toBe(1);
    await service?.stop(0);
    expect(JSON.parse((await pending).body)).toMatchObject({ exit_code: -9, timed_out: false });
  });

  const code = '{"code":"1","language":"javascript"}';
  const refusals: readonly [why: string, body: string | Buffer, headers: Record<string, string>, number, string][] = [
    ['a body above 1 MiB', `{"code":"${'x'.repeat(1_100_000)}"}`, {}, 413, 'body_too_large'],
    [
      'a body above 1 MiB without a length',
      'x'.repeat(1_100_000),
      { 'transfer-encoding': 'chunked' },
      413,
      'body_too_large',
    ],
    ['JSON that is too deep', `{"a":${'['.repeat(100_000)}`, {}, 400, 'json_too_deep'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}, 400, 'invalid_body'],
    ['a form', 'code=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'not_json'],
    ['a page in a browser', code, { origin: 'http://127.0.0.1' }, 403, 'not_from_here'],
    ['no code', '{}', {}, 400, 'no_code'],
  ];
  it.each(refusals)('refuses %s', async (_why, body, headers, status, errorCode) => {
    await serve([]);
    const reply = await send('POST', '/execute', body, headers);
    expect({ status: reply.status, error: JSON.parse(reply.body) as unknown }).toMatchObject({
      status,
      error: { error: { code: errorCode } },
    });
    expect(programs()).toBe(0);
  });
});

describe('unbounded-concurrency', () => {
  it.each([
    ['starts a program for every request', [], [200, 200, 200, 200]],
    ['with slots, starts one and refuses the rest at once', ['exec-slots'], [200, 429, 429, 429]],
  ])('%s', async (_reason, fixes, statuses) => {
    await serve([...variant(unboundedConcurrency, fixes)]);
    const pending = Array.from({ length: 4 }, () => execute('setTimeout(() => 0, 1000)'));
    await expect.poll(programs, { timeout: 5000 }).toBe(statuses.filter((status) => status === 200).length);
    const replies = await Promise.all(pending);
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual(statuses);
    for (const refused of replies.filter(({ status }) => status === 429)) {
      expect(refused.headers['retry-after']).toBe('1');
      expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'too_many_programs' } });
    }
  });
});

describe('stdout-buffer', () => {
  const flood =
    'const line = "x".repeat(65535) + "\\n"; for (let i = 0; i < 800; i++) require("fs").writeSync(1, line); setTimeout(() => 0, 700)';
  const output = (): number | null => gauge('headroom_sandbox_output_bytes');

  it.each([
    ['keeps all that is printed', []],
    ['with slots only, keeps it as well', ['exec-slots']],
  ])('%s', async (_reason, fixes) => {
    await serve(variant(stdoutBuffer, fixes));
    const pending = execute(flood);
    await expect.poll(output, { timeout: 10_000, interval: 20 }).toBe(800 * 65_536);
    const reply = JSON.parse((await pending).body) as { stdout: string };
    expect(reply).toMatchObject({ exit_code: 0 });
    expect(reply.stdout).toHaveLength(50 * 1024 + '\n[the output was cut here]\n'.length);
    expect(output()).toBe(0);
  });

  it('with the cap, kills the program there and keeps no more', async () => {
    await serve(variant(stdoutBuffer, ['stdout-cap']));
    const reply = JSON.parse((await execute(flood)).body) as { stdout: string };
    expect(reply).toMatchObject({ exit_code: -9, timed_out: false });
    expect(reply.stdout).toHaveLength(50 * 1024 + '\n[the output was cut here]\n'.length);
  });
});

describe('limit-concurrency-1', () => {
  const health = async (): Promise<number> => (await send('GET', '/healthz', '')).status;

  it('answers 503 to everything, health included', async () => {
    await serve(variant(limitConcurrency1, []));
    expect(await health()).toBe(503);
    expect((await execute('0')).status).toBe(503);
  });

  it.each([
    ['at 2, starves the health probe while one program runs', ['connection-limit-2'], 1, 503],
    ['at 3, hears the health probe beside one program', ['connection-limit-3'], 1, 200],
    ['at 3, lets two programs in', ['connection-limit-3'], 2, 503],
    ['with room for probes and slots, hears the health probe', ['connection-limit', 'exec-slots'], 1, 200],
  ])('%s', async (_reason, fixes, count, status) => {
    await serve(variant(limitConcurrency1, fixes));
    const pending: Promise<Reply>[] = [];
    for (let started = 1; started <= count; started += 1) {
      pending.push(execute('setTimeout(() => 0, 1000)'));
      await expect.poll(() => service?.health()['sandbox'], { timeout: 5000 }).toMatchObject({ programs: started });
    }
    expect(await health()).toBe(status);
    expect((await Promise.all(pending)).map((reply) => reply.status)).toEqual(pending.map(() => 200));
  });
});
