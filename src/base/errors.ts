/**
 * Every failure that a user can mend, with the exit code that it brings.
 * The table is PROTOCOL 9.2; anything that is not a `BenchError` is our bug and exits 70.
 */
const exitCodes = {
  USAGE: 2,
  PROFILE_INVALID: 2,
  RECIPE_INVALID: 2,
  UNKNOWN_NAME: 2,
  ENGINE_CANNOT_KEEP_PLAN: 2,
  RESULT_UNREADABLE: 2,
  REMOTE_NOT_ALLOWED: 2,
  AGENT_REFUSED: 2,
  CORPUS_DIGEST_MISMATCH: 3,
  TARGET_UNREACHABLE: 5,
  TARGET_FAILED_TO_START: 5,
  ENGINE_UNAVAILABLE: 5,
  PROBE_UNAVAILABLE: 5,
  AGENT_UNREACHABLE: 5,
  LIMIT_UNAVAILABLE: 5,
  CORPUS_UNAVAILABLE: 5,
  NO_SPACE: 5,
} as const;

export type ErrorCode = keyof typeof exitCodes;

/** For a code that came from another process; anything else is not one of ours. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(exitCodes, text);
}

/** `message` names the value and the place, `hint` the next thing to do; both are one line. */
export class BenchError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BenchError';
    this.code = code;
    this.hint = options.hint ?? null;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** The text of anything thrown, for logs and for `detail` columns. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error such as ENOENT, or null. */
export function systemCodeOf(error: unknown): string | null {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return null;
}
