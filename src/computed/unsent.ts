import type { RunResult } from '../model/result.ts';

/** What an engine calls a request that was planned, and that a stop came before (PROTOCOL 5.1). */
const stopped = 'run_stopped';

/** Of the dropped requests those that a stop kept from being sent, and whose stop it was, in words; null: none. */
export function unsentByStop({
  requests,
  guard,
}: Pick<RunResult, 'requests' | 'guard'>): { count: number; why: string } | null {
  const count = requests.errors[stopped] ?? 0;
  const why = guard === null ? 'the run was stopped before them' : 'the guard ended the load before them, no overload';
  return count === 0 ? null : { count, why };
}
