import { createWriteStream } from 'node:fs';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { BenchError } from '../../base/errors.ts';
import type { MemoryLimit } from './memory-limit.ts';

export interface ReferenceOptions {
  /** Compiled entry of the reference server. */
  script: string;
  fault: string | null;
  fixes: readonly string[];
  device: string;
  vram: string | null;
  knobs: readonly string[];
  timeScale: number;
  port: number;
  limit: MemoryLimit | null;
  logFile: string;
}

export interface LaunchedTarget {
  url: URL;
  pid: number;
  device: { kind: 'cuda' | 'virtual'; why: string | null };
  fixes: readonly string[];
  /** Where its virtual device answers monitors; null for a real device or a server that is not ours. */
  deviceMonitor: string | null;
  /** Resolves when the root process has ended, with how. */
  exited: Promise<string>;
  hasExited(): boolean;
  stop(): Promise<void>;
}

/** How it ends when an option of its own is wrong. */
const usageExit = 'exit code 2';

interface Listening {
  hasConnectionLimit: boolean;
  listening: { host: string; port: number };
  pid: number;
  device: { kind: 'cuda' | 'virtual'; why: string | null; monitor?: string | null };
  fixes: string[];
}

export function referenceArguments(options: Omit<ReferenceOptions, 'script' | 'limit' | 'logFile'>): string[] {
  return [
    ['--port', String(options.port)],
    options.fault === null ? [] : ['--fault', options.fault],
    options.fixes.flatMap((fix) => ['--fix', fix]),
    ['--device', options.device],
    options.vram === null ? [] : ['--vram', options.vram],
    ['--time-scale', String(options.timeScale)],
    options.knobs.flatMap((knob) => ['--knob', knob]),
  ].flat();
}

/**
 * A listening port is not a loaded model: the baseline begins once health says 200. A server that limits its
 * connections may never say so to a probe; its refusal shows that it is up.
 */
async function isHealthySoon(url: URL, hasConnectionLimit: boolean, hasEnded: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 300 && !hasEnded(); attempt += 1) {
    const status = await healthStatus(url);
    if (status === 200 || (hasConnectionLimit && status === 503)) {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

function healthStatus(url: URL): Promise<number | null> {
  return new Promise((resolve) => {
    const request = get(new URL('/health', url), { agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });
}

/**
 * Starts the reference server in a process group of its own: a Ctrl-C at the terminal
 * must reach the harness alone, which then seals the run and stops what it started.
 * Should the harness be killed, the server sees its stdin close and ends.
 */
export async function launchReference(options: ReferenceOptions): Promise<LaunchedTarget> {
  const command = process.execPath;
  const args = [options.script, ...referenceArguments(options), '--end-with-parent'];
  const wrapped = options.limit?.wrap(command, args) ?? { command, args };
  const child = execa(wrapped.command, wrapped.args, {
    detached: true,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    forceKillAfterDelay: 5000,
  });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  log.on('error', () => {
    // Its words are lost on a full disk; that its process goes on must not depend on them.
  });
  let lastLine = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastLine = chunk.toString().trim().split('\n').at(-1) ?? lastLine;
    log.write(chunk);
  });
  const ending: { how: string | null } = { how: null };
  const exited = child.then((result) => {
    const how = result.signal === undefined ? `exit code ${result.exitCode ?? 'unknown'}` : `signal ${result.signal}`;
    ending.how = how;
    log.end();
    return how;
  });
  const firstLine = new Promise<string | null>((resolve) => {
    const lines = createInterface({ input: child.stdout });
    lines.once('line', resolve);
    void exited.then(() => resolve(null));
  });
  const deadline = new Promise<null>((resolve) => setTimeout(() => resolve(null), 30_000).unref());
  const line = await Promise.race([firstLine, deadline]);
  if (line === null) {
    child.kill('SIGKILL');
    if (ending.how === usageExit) {
      throw new BenchError('USAGE', `The reference server refused its options: ${lastLine}`);
    }
    throw new BenchError(
      'TARGET_FAILED_TO_START',
      `The reference server did not start: ${lastLine || (ending.how ?? 'no answer in 30 s')}`,
      {
        hint: `Its log is ${options.logFile}.`,
      },
    );
  }
  const listening = JSON.parse(line) as Listening;
  const url = new URL(`http://${listening.listening.host}:${listening.listening.port}`);
  if (!(await isHealthySoon(url, listening.hasConnectionLimit, () => ending.how !== null))) {
    child.kill('SIGKILL');
    throw new BenchError('TARGET_FAILED_TO_START', `The reference server was not healthy within 60 s: ${lastLine}`, {
      hint: `Its log is ${options.logFile}.`,
    });
  }
  return {
    url,
    pid: listening.pid,
    device: { kind: listening.device.kind, why: listening.device.why },
    fixes: listening.fixes,
    deviceMonitor: listening.device.monitor ?? null,
    exited,
    hasExited: () => ending.how !== null,
    async stop() {
      if (ending.how === null) {
        child.kill('SIGTERM');
      }
      await exited;
    },
  };
}
