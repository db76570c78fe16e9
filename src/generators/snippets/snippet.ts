/** A Python program and what it costs; every number is 0 where there is none of it. */
export interface Snippet {
  /** ASCII. Runs for seconds at most, whatever its numbers, and needs no input, file or network. */
  code: string;
  /** Over all its processes. */
  allocateBytes: number;
  holdSeconds: number;
  stdoutBytes: number;
  children: number;
  /** What it prints, or its first `knownStdoutBytes`. */
  stdout(): string;
}

/** As much of a long output as is known beforehand; servers cut theirs, often at 50 KB. */
export const knownStdoutBytes = 64 * 1024;

/** Ten digits each, so that the length of a program does not depend on its salt; below the modulus of `nextState`. */
export const leastSalt = 1_000_000_000;
export const saltCount = 1_147_483_647;

const multiplier = 48_271;
export const modulus = 2_147_483_647;

/**
 * The "minimal standard" generator of Park, Miller and Stockmeyer (Communications of the ACM 36, 7, 1993, p. 108).
 * The product stays below 2^47, so doubles and Python's integers agree.
 */
export function nextState(state: number): number {
  return (state * multiplier) % modulus;
}

export const nextStateInPython = `state * ${multiplier} % ${modulus}`;

const numberDigits = 10;

/** What `print("NAME %010d" % number)` writes. */
export function numberLine(name: string, number: number): string {
  return `${name} ${String(number).padStart(numberDigits, '0')}\n`;
}

/** The length of such a line, which does not depend on the number. */
export function numberLineBytes(name: string): number {
  return name.length + 1 + numberDigits + 1;
}
