import { isConfirmed } from '../computed/search-answer.ts';
import type { RunResult } from '../model/result.ts';

/** What a run itself ends with: the first that applies of 70, 130 or 143, 3, 1, 0 (PROTOCOL 9.2). Codes 2 and 5 are thrown. */
export function exitCodeOf(result: RunResult, options: { strict: boolean; signal: NodeJS.Signals | null }): number {
  if (result.runtimeErrors.length > 0) {
    return 70;
  }
  if (options.signal !== null) {
    return options.signal === 'SIGINT' ? 130 : 143;
  }
  if (result.validity.state === 'invalid') {
    return 3;
  }
  // It was asked for one number, and has none: whoever deploys by its exit code must not go on (PROTOCOL 9.2).
  if (result.search !== null && !isConfirmed(result.search)) {
    return 1;
  }
  const counts = options.strict ? ['fail', 'warn', 'inconclusive'] : ['fail'];
  return counts.includes(result.verdict) ? 1 : 0;
}

const worstFirst = [70, 130, 143, 2, 5, 3, 1, 4, 0];

/** Of several runs one exit code: the first of the order of PROTOCOL 9.2. */
export function firstOfExitCodes(codes: readonly number[]): number {
  return worstFirst.find((code) => codes.includes(code)) ?? 0;
}
