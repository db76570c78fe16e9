import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Run by npm, so from the root of the repository. */
export const benchScript = resolve('dist', 'cli', 'main.js');
export const suiteFile = (name: string): string => resolve('src', 'testing', 'fault-suite', name);

/** No run of the suite takes so long; what does, hangs. */
const longestMs = 120_000;
const keptCharacters = 20_000;

export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  hung: boolean;
}

export interface Running {
  pid: number;
  ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

export interface StartOptions {
  /** A program and its arguments that start the command after them in their own place. */
  wrap?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Not taken for hung however long it lasts. */
  mayLast?: boolean;
}

function startProgram(args: readonly string[], { wrap = [], env = {}, mayLast = false }: StartOptions): Running {
  const [command = process.execPath, ...rest] = [...wrap, process.execPath, ...args];
  const child: ChildProcess = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      texts[name] = `${texts[name]}${chunk.toString()}`.slice(-keptCharacters);
    });
  }
  let hung = false;
  const timer = setTimeout(() => {
    hung = !mayLast;
    if (hung) {
      child.kill('SIGKILL');
    }
  }, longestMs).unref();
  const ended = new Promise<Ended>((onEnd, onError) => {
    child.once('error', onError);
    child.once('close', (exitCode) => {
      clearTimeout(timer);
      onEnd({ exitCode, ...texts, hung });
    });
  });
  return { pid: child.pid ?? 0, ended, kill: (signal) => child.kill(signal) };
}

export const startBench = (args: readonly string[], options: StartOptions = {}): Running =>
  startProgram([benchScript, ...args], options);

export const bench = (args: readonly string[], options: StartOptions = {}): Promise<Ended> =>
  startBench(args, options).ended;

export interface Target extends Running {
  port: number;
  url: string;
}

export async function startTarget(args: readonly string[] = [], options: StartOptions = {}): Promise<Target> {
  const [command = process.execPath, ...rest] = [
    ...(options.wrap ?? []),
    process.execPath,
    suiteFile('target.js'),
    ...args,
  ];
  return await listening(spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] }), Number);
}

/** Resolves with its first line, which says where it listens. */
async function listening(child: ChildProcess, portOf: (line: string) => number): Promise<Target> {
  const ended = new Promise<Ended>((onEnd) => {
    child.once('close', (exitCode) => onEnd({ exitCode, stdout: '', stderr: '', hung: false }));
  });
  const port = await new Promise<number>((onPort, onError) => {
    child.stdout?.once('data', (chunk: Buffer) => onPort(portOf(chunk.toString())));
    child.once('close', () => onError(new Error(`${child.spawnargs.join(' ')} did not start`)));
  });
  return {
    pid: child.pid ?? 0,
    port,
    url: `http://127.0.0.1:${port}`,
    ended,
    kill: (signal) => child.kill(signal),
  };
}

/** A target for as long as `use` takes. */
export async function withTarget<T>(
  args: readonly string[],
  use: (target: Target) => Promise<T>,
  options: StartOptions = {},
): Promise<T> {
  const target = await startTarget(args, options);
  try {
    return await use(target);
  } finally {
    target.kill('SIGKILL');
    await target.ended;
  }
}

/** A `bench agent` of this host, on a port of its own. */
export async function startAgent(): Promise<Target> {
  const child = spawn(process.execPath, [benchScript, 'agent', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return await listening(child, (line) => (JSON.parse(line) as { listening: { port: number } }).listening.port);
}

/** The processes that it started, as long as it lives. Empty where there is no /proc. */
export function childrenOf(pid: number): readonly number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  try {
    return existsSync(path) ? readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number) : [];
  } catch {
    // It ended between the two looks.
    return [];
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; only nobody has asked for it yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
