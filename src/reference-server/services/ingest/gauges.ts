import { constantRows, type Exposition } from '../../metrics.ts';
import type { IngestState } from './workers/messages.ts';

/** The gauges of the pull worker; nothing before it has a source. */
export function collectIngest(exposition: Exposition, state: IngestState | null): void {
  if (state === null) {
    return;
  }
  const gauge = (name: string, help: string, value: number | null): void =>
    exposition.gauge(`headroom_ingest_${name}`, help, value);
  const counter = (name: string, help: string, value: number): void =>
    exposition.counter(`headroom_ingest_${name}`, help, constantRows(value));
  counter('tasks_taken_total', 'Tasks taken from the job API.', state.tasksTaken);
  counter('results_posted_total', 'Results posted, failures included.', state.resultsPosted);
  counter('failures_posted_total', 'Results that say that a task failed.', state.failuresPosted);
  counter('results_lost_total', 'Results that could not be posted.', state.resultsLost);
  counter('jobs_done_total', 'Jobs worked off.', state.jobsDone);
  counter('throttled_total', 'Batches that were made smaller or put off for want of memory.', state.throttled);
  exposition.counter('headroom_ingest_system_refusals_total', 'Calls that the system refused, by code.', {
    rows: () => Object.entries(state.refusals).map(([code, value]) => ({ labels: { code }, value })),
  });
  gauge('loaders', 'Loaders of the plan in force.', state.plan.loaders);
  gauge('batch', 'Tasks of a batch of the plan in force.', state.plan.batch);
  gauge('prefetch', 'Batches ahead per loader of the plan in force.', state.plan.prefetch);
  gauge('queued_batches', 'Batches that wait for the model.', state.queuedBatches);
  gauge('shm_bytes', 'Staged batches in /dev/shm, by our own count.', state.shmBytes);
  gauge('disk_bytes', 'Staged batches on disk, by our own count.', state.diskBytes);
  gauge('pinned_bytes', 'Copies of waiting batches for fast transfer.', state.pinnedBytes);
  gauge('locked_bytes', 'The part of the pinned bytes that the kernel has locked.', state.lockedBytes);
  gauge('open_fds', 'Open descriptors of the ingest process that has most.', state.highestFds);
  gauge('max_fds', 'Limit of open descriptors of each ingest process.', state.fdLimit);
}
