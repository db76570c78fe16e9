import type { Series, StageWindow } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { stepAt } from './in-flight.ts';

/** Nothing that is loaded at the first call may be taken for a hang. */
export function firstAnswerMs(records: readonly RequestRecord[]): number | null {
  const times = records.flatMap(({ outcome, endMs }) => (outcome === 'ok' && endMs !== null ? [endMs] : []));
  return times.length === 0 ? null : times.reduce((first, tMs) => Math.min(first, tMs));
}

/** Whether any request came to an end by the server's doing, good or bad: it works as long as it answers. */
export function wasAnsweredWithin(records: readonly RequestRecord[], fromMs: number, toMs: number): boolean {
  return records.some(
    ({ endMs, status, outcome }) =>
      endMs !== null && endMs >= fromMs && endMs <= toMs && (status !== null || outcome === 'ok'),
  );
}

/** Whether something was in flight at every moment. */
export function wasWaitingThroughout(inFlight: Series, fromMs: number, toMs: number): boolean {
  return (
    stepAt(inFlight, fromMs) > 0 &&
    inFlight.tMs.every((tMs, index) => tMs < fromMs || tMs > toMs || (inFlight.values[index] ?? 0) > 0)
  );
}

/** Warm-up is not judged: what loads then looks like what hangs. */
export function isWarmup(stages: readonly StageWindow[], tMs: number): boolean {
  return stages.some(({ kind, startMs, endMs }) => kind === 'warmup' && tMs >= startMs && tMs < endMs);
}
