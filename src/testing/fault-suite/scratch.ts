import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMounts, parseProcessStat } from '../../base/procfs.ts';
import { onSignals, type SignalStatus } from '../on-signals.ts';

/** Every process that a suite starts, and every one that those start, has its scratch folder in its environment. */
const mark = 'HEADROOM_SUITE_SCRATCH';
const prefix = 'headroom-suite';
const namePattern = /^headroom-suite-(\d+)-(\d+)-(\d+)-/;
const endWithinMs = 5000;
const lookEveryMs = 20;

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** null where it has ended, or where there is no /proc. */
const startTicksOf = (pid: number): number | null =>
  parseProcessStat(textOf(`/proc/${pid}/stat`) ?? '')?.startTicks ?? null;

/** A number of a process means another one in another namespace. 0 where there is no /proc. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Its number may have been given to another process since, which began later. */
function isOwnerAlive(pid: number, startTicks: number): boolean {
  return startTicks === 0 ? exists(pid) : startTicksOf(pid) === startTicks;
}

/** Without /proc nobody is found. */
function processesOf(folder: string): readonly number[] {
  const wanted = Buffer.from(`\0${mark}=${folder}\0`).toString('latin1');
  const pids = textOf('/proc/self/stat') === null ? [] : readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => pid !== process.pid && `\0${textOf(`/proc/${pid}/environ`) ?? ''}`.includes(wanted));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the two looks.
  }
}

/** Without an event loop: it may be called where the process is about to end. */
function endProcesses(folder: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; waitedMs < endWithinMs; waitedMs += lookEveryMs) {
    // Looked for anew each time: one of them may just have started another.
    const pids = processesOf(folder);
    if (pids.length === 0) {
      return;
    }
    for (const pid of pids) {
      kill(pid);
    }
    Atomics.wait(pause, 0, 0, lookEveryMs);
  }
}

function unmountBelow(folder: string): void {
  const mounts = parseMounts(textOf('/proc/self/mountinfo') ?? '').map(({ mountPoint }) => mountPoint);
  // The last one that was mounted may lie upon another.
  for (const mountPoint of mounts.filter((path) => path.startsWith(`${folder}/`)).reverse()) {
    if (spawnSync('umount', [mountPoint], { stdio: 'ignore' }).status !== 0) {
      execFileSync('umount', ['-l', mountPoint]);
    }
  }
}

function clear(folder: string, keepsFiles: boolean): void {
  endProcesses(folder);
  unmountBelow(folder);
  if (!keepsFiles) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Takes away what suites left that a `kill -9` ended. Answers one line for each. */
export function sweep(parent = tmpdir()): readonly string[] {
  return readdirSync(parent).flatMap((name) => {
    const [, namespace, pid, startTicks] = namePattern.exec(name) ?? [];
    if (namespace !== pidNamespace() || isOwnerAlive(Number(pid), Number(startTicks))) {
      return [];
    }
    const folder = join(parent, name);
    try {
      clear(folder, false);
      return [`taken away: ${folder}, whose process ${pid} no longer lives`];
    } catch (error: unknown) {
      return [`left as it is: ${folder}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

export interface Scratch {
  folder: string;
  /** Ends what was started with it, unmounts what was mounted in it and removes it. Once is enough. */
  close(): void;
}

export interface ScratchOptions {
  /** Its files stay. */
  keep?: boolean;
  /** What follows when a signal has taken it away. */
  end?: (status: SignalStatus) => void;
  parent?: string;
}

/**
 * A folder of this process, with the mounts in it and the processes that are started from now on. All three go with
 * `close`, by SIGTERM, SIGINT and SIGHUP, and at an exception; after a `kill -9` by the next `sweep`.
 */
export function openScratch({ keep = false, end = process.exit, parent = tmpdir() }: ScratchOptions = {}): Scratch {
  const owner = `${pidNamespace()}-${process.pid}-${startTicksOf(process.pid) ?? 0}`;
  const folder = mkdtempSync(join(parent, `${prefix}-${owner}-`));
  process.env[mark] = folder;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) {
      isOpen = false;
      release();
      process.off('exit', close);
      clear(folder, keep);
    }
  };
  const release = onSignals(close, end);
  process.once('exit', close);
  return { folder, close };
}
