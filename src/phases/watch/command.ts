import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';
import { BenchError, systemCodeOf } from '../../base/errors.ts';

/** A command that a stop leaves unmoved goes on loading what is near its death. */
const killAfterMs = 10_000;

export interface CommandEnd {
  /** null: a signal ended it. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningCommand {
  ended: Promise<CommandEnd>;
  /** SIGTERM, and SIGKILL to one that stays. */
  stop(): void;
  /** Passes a signal on. */
  pass(signal: NodeJS.Signals): void;
}

/** As a shell tells it: 128 + n for signal n. */
export function exitCodeOfCommand({ exitCode, signal }: CommandEnd): number {
  return exitCode ?? 128 + (signal === null ? 0 : system.signals[signal]);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Looked for as a shell does, before any file of a run is written. Throws ENGINE_UNAVAILABLE. */
export function assertCommand(command: string, searchPath: string): void {
  const candidates = command.includes('/')
    ? [command]
    : searchPath.split(delimiter).map((folder) => join(folder === '' ? '.' : folder, command));
  if (!candidates.some(isExecutable)) {
    throw new BenchError('ENGINE_UNAVAILABLE', `There is no command "${command}" to watch.`, {
      hint: command.includes('/') ? 'Check the path after --.' : 'Check the name after --; it is looked for on PATH.',
    });
  }
}

/** Its stdin, stdout and stderr are ours, untouched. No shell reads the arguments. Throws ENGINE_UNAVAILABLE. */
export async function startCommand(argv: readonly string[]): Promise<RunningCommand> {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, { stdio: 'inherit' });
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      resolve({ exitCode, signal });
    });
  });
  await started(child, command);
  let killTimer: NodeJS.Timeout | null = null;
  void ended.then(() => {
    if (killTimer !== null) {
      clearTimeout(killTimer);
    }
  });
  return {
    ended,
    stop() {
      child.kill('SIGTERM');
      killTimer ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    },
    pass: (signal) => {
      child.kill(signal);
    },
  };
}

function started(child: ChildProcess, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(
        new BenchError(
          'ENGINE_UNAVAILABLE',
          `The command "${command}" could not be started: ${systemCodeOf(error) ?? error.message}.`,
          { hint: 'Try it alone first.', cause: error },
        ),
      );
    });
  });
}
