import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandOptions, type LaunchedCommand, launchCommand } from './command.ts';
import { openMemoryLimit } from './memory-limit.ts';

const hasProc = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;

let folder = '';
let port = 0;
const launched: LaunchedCommand[] = [];

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-exec-'));
  port = await freePort();
});

afterEach(async () => {
  for (const target of launched.splice(0)) {
    await target.stop();
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A command line that runs this JavaScript. */
const node = (script: string): string => `'${process.execPath}' -e '${script}'`;
const server = (status: number, before: string = ''): string =>
  node(`${before}; require("http").createServer((q, s) => { s.statusCode = ${status}; s.end() }).listen(${port})`);

async function launch(commandLine: string, more: Partial<CommandOptions> = {}): Promise<LaunchedCommand> {
  const target = await launchCommand(
    {
      commandLine,
      url: new URL(`http://127.0.0.1:${port}`),
      healthPath: '/health',
      readyWithinMs: 20_000,
      limit: null,
      logFile: join(folder, 'target.log'),
      signal: new AbortController().signal,
      ...more,
    },
    500,
  );
  launched.push(target);
  return target;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !hasProc || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const logged = (): string => readFileSync(join(folder, 'target.log'), 'utf8');
/** The pids that the server has printed. */
const loggedPids = (): number[] => [...logged().matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));

describe('launchCommand', () => {
  it.each([
    [200, 'healthy'],
    [204, 'healthy without a word'],
    [404, 'no health page: it can be connected to'],
    [501, 'no GET at all'],
  ])('gives the target when its health page answers %i: %s', async (status) => {
    const target = await launch(server(status, 'console.log("up"); console.error("loud")'));
    expect(target.hasExited()).toBe(false);
    expect(target.device.kind).toBeNull();
    expect(isAlive(target.pid)).toBe(true);
    await target.stop();
    expect(isAlive(target.pid)).toBe(false);
    expect(await target.exited).toBe('signal SIGTERM');
    expect(logged()).toBe('up\nloud\n');
  });

  it('waits for a server that is busy loading', async () => {
    const script = `let asked = 0; require("http").createServer((q, s) => {
      s.statusCode = ++asked < 3 ? 503 : 200; s.end() }).listen(${port})`;
    const target = await launch(node(script.replaceAll('\n', ' ')));
    expect(target.hasExited()).toBe(false);
  });

  it('tells how a server ended that dies later', async () => {
    const target = await launch(server(200, 'setTimeout(() => process.exit(7), 400)'));
    expect(await target.exited).toBe('exit code 7');
    expect(target.hasExited()).toBe(true);
    await target.stop();
  });

  it.each([
    [node('console.error("a"); console.error("CUDA not found"); process.exit(3)'), 'exit code 3', 'CUDA not found'],
    [node('process.kill(process.pid, "SIGKILL")'), 'signal SIGKILL', 'it said nothing'],
    ['/bin/true', 'exit code 0', 'it said nothing'],
    ['headroom-no-such-server --port 1', 'no such program', 'headroom-no-such-server'],
  ])('throws TARGET_FAILED_TO_START if it ends before it is healthy (%#)', async (commandLine, how, last) => {
    const launching = launch(commandLine);
    await expect(launching).rejects.toMatchObject({ code: 'TARGET_FAILED_TO_START' });
    await expect(launching).rejects.toThrow(how);
    await expect(launching).rejects.toThrow(last);
  });

  it('names the log and the last status of a server that is not healthy in time, and leaves nothing running', async () => {
    const launching = launch(server(503, 'console.log("pid " + process.pid)'), { readyWithinMs: 3000 });
    await expect(launching).rejects.toMatchObject({ hint: `Its log is ${join(folder, 'target.log')}.` });
    await expect(launching).rejects.toThrow('was not healthy within 3.0 s: /health answered 503');
    expect(loggedPids().map(isAlive)).toEqual([false]);
  });

  it('stops waiting on request', async () => {
    const launching = launch(server(503), { signal: AbortSignal.timeout(300) });
    await expect(launching).rejects.toThrow('was stopped before it was healthy');
  });

  it('starts nothing where something answers already: its health would be taken for ours', async () => {
    const other: Server = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await expect(launch(server(200))).rejects.toThrow('Something answers at');
    await new Promise((resolve) => other.close(resolve));
  });

  const stubborn = `
    const { spawn } = require("child_process");
    let ready = 0;
    for (const detached of [false, true]) {
      const script = "process.on(\\"SIGTERM\\", () => {}); setInterval(() => {}, 1000); console.log(1)";
      const child = spawn(process.execPath, ["-e", script], { detached, stdio: ["ignore", "pipe", "ignore"] });
      console.log("pid " + child.pid);
      child.stdout.once("data", () => {
        if (++ready === 2) require("http").createServer((q, s) => s.end()).listen(PORT);
      });
    }`;

  it.skipIf(!hasProc)(
    'ends children too, those that ignore SIGTERM or lead a group of their own (skipped without /proc)',
    async () => {
      const target = await launch(node(stubborn.replace('PORT', String(port))));
      const pids = loggedPids();
      expect(pids.map(isAlive)).toEqual([true, true]);
      await target.stop();
      expect([target.pid, ...pids].map(isAlive)).toEqual([false, false, false]);
    },
  );

  it.skipIf(!isRoot)('is held by the limit and leaves no process and no group (skipped unless root)', async () => {
    const limit = await openMemoryLimit(512 * 1024 ** 2, `headroom-test-${process.pid}`);
    const target = await launch(server(200), { limit });
    const group = limit.group === null ? null : readFileSync(join(limit.group.folder, 'cgroup.procs'), 'utf8');
    await target.stop();
    await limit.release();
    expect(group === null || group.split('\n').includes(String(target.pid))).toBe(true);
    expect(isAlive(target.pid)).toBe(false);
  });
});
