import type { RunResult } from '../model/result.ts';

/** Whether a signal, a crash or a failure ended the run before its plan: what it did not see may be the worst of it. */
export function isCut({ status }: Pick<RunResult, 'status'>): boolean {
  return status === 'aborted' || status === 'failed';
}
