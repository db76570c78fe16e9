import type { Plan } from '../plan.ts';
import type { IngestSetup } from '../settings.ts';

/** One task of a job, by the job API's names. */
export interface Task {
  id: string;
  image_id: string;
  image_url: string;
  reply_subject: string;
}

/** An image that waits in a file. */
export interface StagedImage {
  task: Task;
  path: string;
  sizeBytes: number;
  /** Of decoded ones; null for a raw file. `imageId` is the planted identity, null if there is none. */
  decoded: { imageId: number | null; width: number; height: number } | null;
}

export interface FailedTask {
  task: Task;
  message: string;
}

export interface Batch {
  /** Unique within its loader. */
  id: number;
  loader: number;
  images: readonly StagedImage[];
  failed: readonly FailedTask[];
  /** From the taking of the tasks to the last file. */
  loadMs: number;
}

export interface LoaderSetup extends IngestSetup {
  jobId: number;
  loader: number;
}

export type ToLoader =
  /** May take this many tasks. */
  | { type: 'grant'; tasks: number }
  /** The batch is consumed; what was kept for it can go. */
  | { type: 'consumed'; batch: number };

export type FromLoader =
  | { type: 'taken'; tasks: number }
  | { type: 'batch'; batch: Batch }
  /** There was no task for a grant. */
  | { type: 'none' }
  /** A call of the system was refused; `code` as in EMFILE or ENOSPC. */
  | { type: 'refused'; code: string; message: string };

/** What the ingest process tells the front, several times a second. */
export interface IngestState {
  plan: Plan;
  tasksTaken: number;
  resultsPosted: number;
  /** Of those posted, the ones that say that a task failed. */
  failuresPosted: number;
  resultsLost: number;
  jobsDone: number;
  queuedBatches: number;
  /** Staged bytes by our own count: in /dev/shm, or on disk. */
  shmBytes: number;
  diskBytes: number;
  pinnedBytes: number;
  lockedBytes: number;
  /** Highest count of open descriptors of one of the ingest processes, and the limit of each. */
  highestFds: number | null;
  fdLimit: number | null;
  /** Refusals of the system, by code. */
  refusals: Readonly<Record<string, number>>;
  /** Grants that the throttle made smaller or put off. */
  throttled: number;
}

export type FromIngest =
  | { type: 'state'; state: IngestState }
  /** It will not work as it was set up; the reason is one line. */
  | { type: 'unable'; why: string };
