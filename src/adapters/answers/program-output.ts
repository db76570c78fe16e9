import type { AnswerFault } from './answer-check.ts';

/** What a sandbox says of a program that ran. */
export interface ProgramResult {
  stdout: string;
  stderr: string;
  exitCode: number;
  hasTimedOut: boolean;
}

/** What it should have printed; `stdout` may be only the first part of `stdoutBytes`. */
export interface OutputTruth {
  stdout: string;
  stdoutBytes: number;
}

// Sandboxes cut at 50 KB and say so in words; a cut that is closer to the start lost what was asked for.
export const leastStdout = 40_000;
const sigkill = 9;
const mostSignals = 64;

/** As Python gives it (-9), or as a shell does (137). */
function signalOf(exitCode: number): number | null {
  if (exitCode < 0) {
    return -exitCode;
  }
  return exitCode > 128 && exitCode <= 128 + mostSignals ? exitCode - 128 : null;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}

/** Why the program did not end in peace, whatever it should have printed. */
export function endingFault({ stderr, exitCode, hasTimedOut }: ProgramResult, expected: number | null): AnswerFault {
  if (hasTimedOut) {
    return { code: 'timed_out', detail: `The program was stopped by the server's own time limit: ${lastLine(stderr)}` };
  }
  const signal = signalOf(exitCode);
  if (signal !== null) {
    return signal === sigkill
      ? { code: 'killed', detail: `The program was killed (exit code ${exitCode}), as the kernel does for memory.` }
      : { code: `signal_${signal}`, detail: `Signal ${signal} ended the program (exit code ${exitCode}).` };
  }
  if (expected === null || exitCode === expected) {
    return null;
  }
  const isMemory = /\bMemoryError\b|cannot allocate memory/i.test(stderr);
  return {
    code: isMemory ? 'memory_error' : 'wrong_exit_code',
    detail: `Exit code ${exitCode}, not ${expected}: ${lastLine(stderr)}`,
  };
}

function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  for (let at = 0; at < most; at += 1) {
    if (a.charCodeAt(at) !== b.charCodeAt(at)) {
      return at;
    }
  }
  return most;
}

/** Line breaks at the end are free. A long output may be cut by the server, but not before 40,000 characters. */
export function stdoutFault(stdout: string, truth: OutputTruth): AnswerFault {
  const meant = truth.stdout.trimEnd();
  const said = stdout.trimEnd();
  if (truth.stdoutBytes <= leastStdout ? said === meant : commonStart(said, meant) >= leastStdout) {
    return null;
  }
  if (said === '') {
    return { code: 'empty_answer', detail: `Nothing was printed; ${truth.stdoutBytes} bytes were due.` };
  }
  const same = commonStart(said, meant);
  return same === said.length
    ? { code: 'truncated_answer', detail: `The output stops after ${same} of ${truth.stdoutBytes} bytes.` }
    : { code: 'wrong_stdout', detail: `Character ${same + 1} of the output is not the expected one.` };
}
