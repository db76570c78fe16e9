import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { formatDuration } from '../../base/units.ts';
import { localHostView } from '../sampler/local-host-view.ts';
import { endProcesses, killProcesses, startTicksOf } from './end-processes.ts';
import type { LaunchedTarget } from './launch.ts';
import type { MemoryLimit } from './memory-limit.ts';
import { splitCommandLine } from './split-command-line.ts';

const askEveryMs = 200;
const askTimeoutMs = 2000;
const usualGraceMs = 5000;
const keptLogBytes = 4096;
/** A server that answers one of these has no health page: then being able to connect has to do. */
const withoutHealthPage: readonly number[] = [404, 405, 501];

export interface CommandOptions {
  /** As a user writes it in a shell, though no shell reads it. */
  commandLine: string;
  /** Where the server will answer. */
  url: URL;
  healthPath: string;
  readyWithinMs: number;
  limit: MemoryLimit | null;
  /** Takes stdout and stderr. */
  logFile: string;
  /** Ends the wait for the first answer. */
  signal: AbortSignal;
}

/** Somebody else's server that we started: nobody knows which device it uses. */
export interface LaunchedCommand extends Omit<LaunchedTarget, 'device'> {
  device: { kind: null; why: string };
}

/** The status of the health page; null if nothing answers. */
function askHealth(url: URL, healthPath: string): Promise<number | null> {
  const send = url.protocol === 'https:' ? getSecurely : get;
  return new Promise((resolve) => {
    const options = { agent: false, timeout: askTimeoutMs, rejectUnauthorized: false };
    const request = send(new URL(healthPath, url), options, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });
}

/** What the server said last; null if it said nothing. */
function lastLineOf(logFile: string): string | null {
  const { size } = statSync(logFile);
  const buffer = Buffer.alloc(Math.min(size, keptLogBytes));
  const descriptor = openSync(logFile, 'r');
  try {
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
  } finally {
    closeSync(descriptor);
  }
  return buffer.toString('utf8').trim().split('\n').at(-1)?.trim() || null;
}

/** A server that is there already would answer in the place of ours. */
async function assertUnanswered({ url, healthPath }: CommandOptions): Promise<void> {
  const status = await askHealth(url, healthPath);
  if (status !== null) {
    throw new BenchError('USAGE', `Something answers at ${url.origin} before --exec has started anything.`, {
      hint: 'Stop it, or let the command listen on another port and name that with --target.',
    });
  }
}

interface Started {
  /** null: it could not be started. */
  pid: number | null;
  exited: Promise<string>;
  hasEnded(): string | null;
}

function start(options: CommandOptions): Started {
  const [command = '', ...args] = splitCommandLine(options.commandLine);
  const wrapped = options.limit?.wrap(command, args) ?? { command, args };
  // The server writes to the file itself: what it says costs the harness nothing and never waits for it.
  const log = openSync(options.logFile, 'a');
  const child = spawn(wrapped.command, wrapped.args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let ended: string | null = null;
  const exited = new Promise<string>((resolve) => {
    const end = (how: string): void => {
      ended ??= how;
      resolve(ended);
    };
    child.once('exit', (code, signal) => end(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`));
    child.once('error', (error) => end(systemCodeOf(error) === 'ENOENT' ? 'no such program' : error.message));
  });
  return { pid: child.pid ?? null, exited, hasEnded: () => ended };
}

type Waited = { isHealthy: true } | { isHealthy: false; why: string };

async function waitUntilHealthy(options: CommandOptions, endedHow: () => string | null): Promise<Waited> {
  const { url, healthPath, readyWithinMs, signal } = options;
  const startedMs = performance.now();
  let status: number | null = null;
  while (performance.now() - startedMs < readyWithinMs) {
    const how = endedHow();
    if (how !== null) {
      return { isHealthy: false, why: `ended with ${how} before ${healthPath} answered` };
    }
    if (signal.aborted) {
      return { isHealthy: false, why: 'was stopped before it was healthy, on request' };
    }
    status = await askHealth(url, healthPath);
    const isHealthy = status !== null && ((status >= 200 && status < 300) || withoutHealthPage.includes(status));
    if (isHealthy && endedHow() === null) {
      return { isHealthy };
    }
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
  const last = status === null ? `nothing answered at ${url.origin}` : `${healthPath} answered ${status}`;
  return { isHealthy: false, why: `was not healthy within ${formatDuration(readyWithinMs)}: ${last}` };
}

/**
 * split -> spawn (own process group, under the limit, output to the log) -> wait for health -> target
 *
 * A group of its own, since a Ctrl-C at the terminal must reach the harness alone, which then seals the run and
 * stops what it started; after SIGTERM it has `graceMs` to end. Throws USAGE for a command line that cannot be split, TARGET_FAILED_TO_START otherwise.
 */
export async function launchCommand(options: CommandOptions, graceMs: number = usualGraceMs): Promise<LaunchedCommand> {
  await assertUnanswered(options);
  const { pid, exited, hasEnded } = start(options);
  if (pid === null) {
    throw new BenchError(
      'TARGET_FAILED_TO_START',
      `--exec ${splitCommandLine(options.commandLine)[0] ?? ''}: ${await exited}.`,
      {
        hint: 'Give the whole path of the program, or check PATH.',
      },
    );
  }
  const host = localHostView();
  const launched = {
    host,
    leader: pid,
    leaderStartTicks: startTicksOf(host, pid),
    groupFolder: options.limit?.group?.folder ?? null,
  };
  const killAtExit = (): void => killProcesses(launched);
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    await endProcesses(launched, graceMs);
    // One that hangs in the kernel cannot be waited for.
    const givenUp = new Promise<void>((resolve) => setTimeout(resolve, askTimeoutMs).unref());
    await Promise.race([exited, givenUp]);
    process.off('exit', killAtExit);
  };
  const waited = await waitUntilHealthy(options, hasEnded);
  if (!waited.isHealthy) {
    await stop();
    const last = lastLineOf(options.logFile);
    throw new BenchError(
      'TARGET_FAILED_TO_START',
      `The server of --exec ${waited.why}${last === null ? '; it said nothing' : `: ${last}`}`,
      { hint: `Its log is ${options.logFile}.` },
    );
  }
  return {
    url: options.url,
    pid,
    device: { kind: null, why: 'a server of --exec does not say which device it uses' },
    fixes: [],
    deviceMonitor: null,
    exited,
    hasExited: () => hasEnded() !== null,
    stop,
  };
}
