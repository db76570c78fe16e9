import type { Plan } from './plan.ts';
import type { IngestState } from './workers/messages.ts';

/** Before the first job. */
export function emptyState(plan: Plan): IngestState {
  return {
    plan,
    tasksTaken: 0,
    resultsPosted: 0,
    failuresPosted: 0,
    resultsLost: 0,
    jobsDone: 0,
    queuedBatches: 0,
    shmBytes: 0,
    diskBytes: 0,
    pinnedBytes: 0,
    lockedBytes: 0,
    highestFds: null,
    fdLimit: null,
    refusals: {},
    throttled: 0,
  };
}
