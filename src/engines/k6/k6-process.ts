import { closeSync, constants, createWriteStream, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { endingOf, type K6Ending } from './exit-code.ts';
import { type K6Sample, parseSample } from './samples.ts';

export interface K6Start {
  k6Path: string;
  scriptPath: string;
  /** A pipe that is not there yet. */
  pipePath: string;
  logPath: string;
  environment: Readonly<Record<string, string>>;
  onSamples(samples: readonly K6Sample[]): void;
}

export interface RunningK6 {
  pid: number | null;
  /** Its last lines on stderr, for an error's message. */
  lastLine(): string;
  interrupt(): void;
  kill(): void;
  /** When it has gone and all that it wrote is read. Never rejects. */
  ended: Promise<K6Ending>;
}

const mostLogBytes = 1024 * 1024;

/** What of our environment k6 sees: its own K6_* would change the test, and a proxy would be measured in its place. */
function environmentOf(added: Readonly<Record<string, string>>): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    NO_PROXY: '*',
    // One request on a connection at a time, as the other engines send.
    GODEBUG: 'http2client=0',
    ...added,
  };
}

/**
 * Reads a pipe line by line. `close` ends it once its writer has gone: both ends stand open here meanwhile, since
 * opening one for reading alone waits for a writer that may never come.
 */
function readPipe(path: string, onLines: (lines: string[]) => void): { ended: Promise<void>; close(): void } {
  const keeper = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true });
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    onLines(lines);
  });
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.once('error', () => resolve());
  });
  return { ended, close: () => closeSync(keeper) };
}

/** Starts k6 on a script; its samples come through a pipe while it runs. */
export async function startK6(start: K6Start): Promise<RunningK6> {
  await execa('mkfifo', ['-m', '600', start.pipePath]);
  const pipe = readPipe(start.pipePath, (lines) => {
    const samples = lines.map(parseSample).filter((sample) => sample !== null);
    if (samples.length > 0) {
      start.onSamples(samples);
    }
  });
  const child = execa(
    start.k6Path,
    [
      'run',
      '--quiet',
      '--no-color',
      '--summary-mode=disabled',
      '--no-thresholds',
      '--no-usage-report',
      `--out=json=${start.pipePath}`,
      start.scriptPath,
    ],
    {
      env: environmentOf(start.environment),
      extendEnv: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      cleanup: true,
    },
  );
  const log = createWriteStream(start.logPath, { mode: 0o600 });
  let lastLine = '';
  let logBytes = 0;
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLine = line;
    logBytes += line.length;
    if (logBytes < mostLogBytes) {
      log.write(`${line}\n`);
    }
  });
  let wasAsked = false;
  const ended = (async (): Promise<K6Ending> => {
    const result = await child;
    pipe.close();
    await pipe.ended;
    log.end();
    return endingOf(result.exitCode ?? null, result.signal ?? null, wasAsked);
  })();
  return {
    pid: child.pid ?? null,
    lastLine: () => lastLine,
    interrupt() {
      wasAsked = true;
      child.kill('SIGINT');
    },
    kill() {
      wasAsked = true;
      child.kill('SIGKILL');
    },
    ended,
  };
}
