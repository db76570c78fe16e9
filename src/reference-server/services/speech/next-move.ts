import type { Job } from './job.ts';
import type { WorkerKind } from './workers/messages.ts';

/** What the lanes of the pool do next. `skip`: a cold lane took a clip that only the hot one may have. */
export type Move = { kind: 'wait' } | { kind: 'skip'; job: Job } | { kind: 'hand-over'; job: Job; lane: WorkerKind };

/**
 * The hot lane takes the first clip. A cold lane leaves clips that were put back once to the hot
 * one: it passes them over, or, if a skip does not yield, takes the first and puts it back at once.
 */
export function nextMove(
  waiting: readonly Job[],
  free: Readonly<Record<WorkerKind, boolean>>,
  skipYields: boolean,
): Move {
  const [first] = waiting;
  if (first === undefined || !(free.hot || free.cold)) {
    return { kind: 'wait' };
  }
  if (free.hot) {
    return { kind: 'hand-over', job: first, lane: 'hot' };
  }
  if (first.requeues > 0 && !skipYields) {
    return { kind: 'skip', job: first };
  }
  const fresh = waiting.find((job) => job.requeues === 0);
  return fresh === undefined ? { kind: 'wait' } : { kind: 'hand-over', job: fresh, lane: 'cold' };
}
