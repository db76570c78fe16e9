import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { BenchError } from '../base/errors.ts';
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
  /** Resolves when the root process has ended, with how. */
  exited: Promise<string>;
  hasExited(): boolean;
  stop(): Promise<void>;
}

interface Listening {
  listening: { host: string; port: number };
  pid: number;
  device: { kind: 'cuda' | 'virtual'; why: string | null };
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
  let lastLine = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastLine = chunk.toString().trim().split('\n').at(-1) ?? lastLine;
    log.write(chunk);
  });
  let ended: string | null = null;
  const exited = child.then((result) => {
    ended = result.signal === undefined ? `exit code ${result.exitCode ?? 'unknown'}` : `signal ${result.signal}`;
    log.end();
    return ended;
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
    throw new BenchError(
      'TARGET_FAILED_TO_START',
      `The reference server did not start: ${lastLine || (ended ?? 'no answer in 30 s')}`,
      {
        hint: `Its log is ${options.logFile}.`,
      },
    );
  }
  const listening = JSON.parse(line) as Listening;
  return {
    url: new URL(`http://${listening.listening.host}:${listening.listening.port}`),
    pid: listening.pid,
    device: listening.device,
    fixes: listening.fixes,
    exited,
    hasExited: () => ended !== null,
    async stop() {
      if (ended === null) {
        child.kill('SIGTERM');
      }
      await exited;
    },
  };
}
