import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseProcessStat } from '../../base/procfs.ts';

const sampleEveryMs = 50;

export interface Measured {
  stdout: string;
  exitCode: number | null;
  /** Of the process and all that it started, together, sampled; null where /proc is not there. */
  peakRssBytes: number | null;
}

function parentOf(pid: string): number | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.parentPid ?? null;
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

/** RSS of a process tree; null where there is no /proc. */
function treeRssBytes(rootPid: number): number | null {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  const parents = new Map(pids.map((pid) => [Number(pid), parentOf(pid)]));
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid) ?? null;
    return pid === rootPid || (parent !== null && parent > 1 && isOurs(parent));
  };
  return [...parents.keys()].filter(isOurs).reduce((sum, pid) => sum + rssBytesOf(pid), 0);
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
  const sampler = setInterval(() => {
    const bytes = child.pid === undefined ? null : treeRssBytes(child.pid);
    peakRssBytes = bytes === null ? peakRssBytes : Math.max(peakRssBytes ?? 0, bytes);
  }, sampleEveryMs);
  const killer = setTimeout(() => child.kill('SIGKILL'), mostMs);
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const [stdout, exitCode] = await Promise.all([text(child.stdout), ended]);
    return { stdout, exitCode, peakRssBytes };
  } finally {
    clearInterval(sampler);
    clearTimeout(killer);
  }
}
