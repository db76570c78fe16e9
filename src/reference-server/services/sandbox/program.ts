import { constants, setPriority, tmpdir } from 'node:os';
import { execa } from 'execa';
import { RequestError } from '../../upload.ts';
import { keepOutput, type Output } from './output.ts';
import type { Interpreter } from './runtimes.ts';

/**
 * Fixed words; the numbers and the command come as arguments. The kernel takes a program before any other
 * process of the server. A limit that cannot be set is one that a tighter one forbids.
 */
const limitThenExec =
  '{ echo 500 > /proc/self/oom_score_adj; ulimit -c 0; ulimit -d "$1"; } 2> /dev/null; shift; exec "$@"';

/** For a grandchild that left the group and still holds the output open. */
const drainMs = 1000;

interface ProgramSetup {
  interpreter: Interpreter;
  code: string;
  timeoutMs: number;
  childBytes: number;
  /** null = all output is kept. */
  outputCapBytes: number | null;
}

/** Why a program ended: by itself (the kernel's kill included), or what made us kill it. */
type EndReason = 'exited' | 'timed_out' | 'output_cap' | 'client_gone' | 'stopped';

export interface ProgramEnd {
  reason: EndReason;
  /** As the incident's server gave it: a signal is its number below 0. */
  exitCode: number;
  stdout: string;
  stderr: string;
  /** What was held of its output until its end. */
  heldBytes: number;
}

/** A program that runs. */
export interface Program {
  heldBytes(): number;
  /** Ends it and all that it started, unless it has ended. */
  kill(reason: EndReason): void;
  /** Rejects with `RequestError` if it could not be started. */
  ended: Promise<ProgramEnd>;
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) {
      process.kill(-leader, 'SIGKILL');
    }
  } catch {
    // The whole group has ended.
  }
}

function yieldToFront(pid: number | undefined): void {
  try {
    if (pid !== undefined) {
      setPriority(pid, 5);
    }
  } catch {
    // A courtesy that a sandbox may refuse, or the program has ended.
  }
}

function exitCodeOf(exitCode: number | undefined, signal: NodeJS.Signals | undefined): number {
  if (signal !== undefined) {
    return -constants.signals[signal];
  }
  if (exitCode === undefined) {
    throw new RequestError(503, 'cannot_start', 'The program could not be started.');
  }
  return exitCode;
}

function start({ interpreter, code, childBytes }: ProgramSetup) {
  const limitKib = Math.floor((childBytes + interpreter.ownBytes) / 1024);
  const args = ['-c', limitThenExec, 'sandbox', String(limitKib), ...interpreter.argv];
  return execa('sh', args, {
    input: code,
    buffer: false,
    reject: false,
    // A group of its own, so that one signal reaches whatever it starts.
    detached: true,
    cleanup: false,
    extendEnv: false,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8' },
    cwd: tmpdir(),
  });
}

/** Runs a program in processes of its own. What it prints is held by the caller: this process. */
export function runProgram(setup: ProgramSetup): Program {
  const subprocess = start(setup);
  yieldToFront(subprocess.pid);
  let reason: EndReason = 'exited';
  const kill = (why: EndReason): void => {
    if (reason === 'exited' && subprocess.exitCode === null && subprocess.signalCode === null) {
      reason = why;
      killGroup(subprocess.pid);
    }
  };
  const { stdout, stderr } = subprocess;
  const outputs: { stdout: Output; stderr: Output } = {
    stdout: keepOutput(stdout, setup.outputCapBytes, () => kill('output_cap')),
    stderr: keepOutput(stderr, setup.outputCapBytes, () => kill('output_cap')),
  };
  const timer = setTimeout(() => kill('timed_out'), setup.timeoutMs);
  let draining: NodeJS.Timeout | undefined;
  subprocess.once('exit', () => {
    clearTimeout(timer);
    killGroup(subprocess.pid);
    draining = setTimeout(() => {
      stdout.destroy();
      stderr.destroy();
    }, drainMs);
  });
  const ended = (async (): Promise<ProgramEnd> => {
    const { exitCode, signal } = await subprocess;
    clearTimeout(timer);
    clearTimeout(draining);
    return {
      reason,
      exitCode: exitCodeOf(exitCode, signal),
      stdout: outputs.stdout.text(),
      stderr: outputs.stderr.text(),
      heldBytes: outputs.stdout.letGo() + outputs.stderr.letGo(),
    };
  })();
  return { heldBytes: () => outputs.stdout.heldBytes() + outputs.stderr.heldBytes(), kill, ended };
}
