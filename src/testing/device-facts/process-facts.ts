import { setTimeout as sleep } from 'node:timers/promises';
import { execaNode } from 'execa';
import { cudaPaths } from '../../base/native-library.ts';
import { openDriver } from '../../reference-server/device/cuda/open-driver.ts';
import { ptx } from '../../reference-server/kernels/ptx.ts';
import { type Fact, type FactBench, mebibyte, rounded, timed, usedMib } from './bench.ts';

const pollMs = 2;
const mostPolls = 2500;

/** What a child tells once it holds its memory. */
interface Held {
  pid: number;
  contextMs: number;
  moduleMs: number;
}

/** The life of a child: context, kernels, memory, until its parent ends it. */
export async function hold(childMib: number): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const { driver } = await openDriver(cudaPaths(process.env));
  const context = timed(() => driver.setCurrent(driver.retainContext(driver.firstDevice().device)));
  const module = timed(() => driver.loadModule(ptx));
  driver.alloc(childMib * mebibyte);
  const held: Held = { pid: process.pid, contextMs: context.ms, moduleMs: module.ms };
  process.send?.(held);
}

interface Holder extends Held {
  kill(): Promise<void>;
}

async function startHolder(scriptPath: string, childMib: number, env: Record<string, string> = {}): Promise<Holder> {
  const child = execaNode(scriptPath, ['--hold', String(childMib)], { reject: false, env, stderr: 'inherit' });
  const held = await new Promise<Held>((resolve, reject) => {
    child.once('message', (message) => resolve(message as unknown as Held));
    void child.then((result) => reject(new Error(`a child ended with ${result.exitCode ?? result.signal}`)));
  });
  return {
    ...held,
    async kill() {
      child.kill('SIGKILL');
      await child;
    },
  };
}

/** Milliseconds until the device holds no more than that, or null if that does not come. */
async function msUntilUsed(bench: FactBench, atMostMib: number): Promise<number | null> {
  const startedMs = performance.now();
  for (let poll = 0; poll < mostPolls; poll += 1) {
    if (usedMib(bench) <= atMostMib) {
      return rounded(performance.now() - startedMs);
    }
    await sleep(pollMs);
  }
  return null;
}

/** What several processes cost together, and how soon the memory of a killed one is back. */
export async function* processFacts(bench: FactBench, scriptPath: string): AsyncGenerator<Fact> {
  const { children, childMib } = bench.sizes;
  const beforeMib = usedMib(bench);
  const uncached = await startHolder(scriptPath, childMib, { CUDA_CACHE_DISABLE: '1' });
  const oneMib = usedMib(bench) - beforeMib;
  const holders = [uncached];
  while (holders.length < children) {
    holders.push(await startHolder(scriptPath, childMib));
  }
  const allMib = usedMib(bench) - beforeMib;
  const listed = new Set(bench.nvml.read(bench.device).processes.map(({ pid }) => pid));
  yield {
    fact: 'children',
    children,
    childMib,
    firstTakesMib: rounded(oneMib),
    allTakeMib: rounded(allMib),
    listedPids: holders.filter(({ pid }) => listed.has(pid)).length,
    contextMs: holders.map(({ contextMs }) => contextMs),
    moduleUncachedMs: uncached.moduleMs,
    moduleMs: holders.slice(1).map(({ moduleMs }) => moduleMs),
  };
  const [victim, ...others] = holders;
  const killedMs = performance.now();
  const dead = victim?.kill();
  const backMs = await msUntilUsed(bench, beforeMib + allMib - oneMib);
  await dead;
  yield { fact: 'kill', backMs, exitSeenMs: rounded(performance.now() - killedMs) };
  await Promise.all(others.map((holder) => holder.kill()));
  yield { fact: 'all-killed', backMs: await msUntilUsed(bench, beforeMib), leftMib: usedMib(bench) - beforeMib };
}
