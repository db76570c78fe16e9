import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { clockTicksPerSecond, type ProcessStat, parseProcessStat } from '../../base/procfs.ts';

const sampleEveryMs = 50;

export interface Measured {
  stdout: string;
  exitCode: number | null;
  /** Of the process and all that it started, together, sampled; null where /proc is not there. */
  peakRssBytes: number | null;
  /** Processor time of the same processes at the last sample. */
  cpuSeconds: number | null;
}

function statOf(pid: string): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

function rssBytesOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** RSS and processor time of a process tree; null where there is no /proc. */
function treeCost(rootPid: number): { rssBytes: number; cpuSeconds: number } | null {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  const stats = pids.map(statOf).filter((stat) => stat !== null);
  const parents = new Map(stats.map(({ pid, parentPid }) => [pid, parentPid]));
  const isOurs = (pid: number): boolean => pid === rootPid || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  const ours = stats.filter(({ pid }) => isOurs(pid));
  return {
    rssBytes: ours.reduce((sum, { pid }) => sum + rssBytesOf(pid), 0),
    cpuSeconds: ours.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0) / clockTicksPerSecond,
  };
}

/** Runs a program to its end, or to `mostMs`, and watches the memory of its tree. */
export async function runMeasured(
  command: string,
  args: readonly string[],
  { mostMs, environment = {} }: { mostMs: number; environment?: Record<string, string> },
): Promise<Measured> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  let peakRssBytes: number | null = null;
  let cpuSeconds: number | null = null;
  const sampler = setInterval(() => {
    const cost = child.pid === undefined ? null : treeCost(child.pid);
    if (cost !== null) {
      peakRssBytes = Math.max(peakRssBytes ?? 0, cost.rssBytes);
      cpuSeconds = Math.max(cpuSeconds ?? 0, cost.cpuSeconds);
    }
  }, sampleEveryMs);
  const killer = setTimeout(() => child.kill('SIGKILL'), mostMs);
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const [stdout, exitCode] = await Promise.all([text(child.stdout), ended]);
    return { stdout, exitCode, peakRssBytes, cpuSeconds };
  } finally {
    clearInterval(sampler);
    clearTimeout(killer);
  }
}
