import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { transpile } from '../transpile.ts';
import { childrenOf, isAlive } from './programs.ts';
import { sweep } from './scratch.ts';

interface Opened {
  folder: string;
  isMounted: boolean;
  child: number;
}

let script: ReturnType<typeof transpile>;
let parent: string;
beforeAll(() => {
  script = transpile('src/testing/fault-suite/scratch-main.ts');
});
afterAll(() => script.remove());
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'headroom-scratch-'));
});
afterEach(() => {
  sweep(parent);
  rmSync(parent, { recursive: true });
});

async function start(): Promise<{ suite: ChildProcess; opened: Opened; pids: readonly number[] }> {
  const suite = spawn(process.execPath, [script.path, parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((onLine, onEnd) => {
    createInterface({ input: suite.stdout }).once('line', onLine);
    suite.once('exit', () => onEnd(new Error('it ended before its first line')));
  });
  const opened = JSON.parse(line) as Opened;
  await expect.poll(() => childrenOf(opened.child)).toHaveLength(1);
  return { suite, opened, pids: [opened.child, ...childrenOf(opened.child)] };
}

const exitOf = (suite: ChildProcess): Promise<number | null> =>
  new Promise((onExit) => {
    suite.once('exit', onExit);
  });

const mountsIn = (folder: string): number => readFileSync('/proc/self/mountinfo', 'utf8').split(folder).length - 1;

function expectGone({ folder }: Opened, pids: readonly number[]): void {
  expect(pids.filter(isAlive)).toEqual([]);
  expect(mountsIn(folder)).toBe(0);
  expect(existsSync(folder)).toBe(false);
}

describe.skipIf(process.platform !== 'linux')('the scratch folder of a suite (needs /proc)', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('goes by %s with its mounts and all its processes', async (signal, status) => {
    const { suite, opened, pids } = await start();
    expect(mountsIn(opened.folder)).toBe(opened.isMounted ? 1 : 0);
    const exit = exitOf(suite);
    suite.kill(signal);
    expect(await exit).toBe(status);
    expectGone(opened, pids);
  });

  it('stays while its process lives, and goes with the next sweep after a kill -9', async () => {
    const { suite, opened, pids } = await start();
    expect(sweep(parent)).toEqual([]);
    const exit = exitOf(suite);
    suite.kill('SIGKILL');
    await exit;
    expect(pids.filter(isAlive)).toEqual(pids);
    expect(sweep(parent)).toEqual([`taken away: ${opened.folder}, whose process ${suite.pid} no longer lives`]);
    expectGone(opened, pids);
  });

  it('is swept where another process has its number by now, and left where numbers mean others', () => {
    const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
    const [reused, foreign] = [`headroom-suite-${namespace}-${process.pid}-1-a`, 'headroom-suite-1-999999999-1-b'];
    for (const name of [reused, foreign, 'somebody-else']) {
      mkdirSync(join(parent, name));
    }
    expect(sweep(parent)).toHaveLength(1);
    expect(readdirSync(parent)).toEqual([foreign, 'somebody-else']);
  });
});
