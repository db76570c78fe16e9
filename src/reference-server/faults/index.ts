import type { Fault } from './fault.ts';
import { fdExhaustion } from './fd-exhaustion.ts';
import { limitConcurrency1 } from './limit-concurrency-1.ts';
import { none } from './none.ts';
import { pinnedCopies } from './pinned-copies.ts';
import { prefetchShm } from './prefetch-shm.ts';
import { slowLeak } from './slow-leak.ts';
import { stdoutBuffer } from './stdout-buffer.ts';
import { unboundedConcurrency } from './unbounded-concurrency.ts';
import { ungatedPool } from './ungated-pool.ts';

export const faults: readonly Fault[] = [
  none,
  ungatedPool,
  prefetchShm,
  pinnedCopies,
  fdExhaustion,
  slowLeak,
  unboundedConcurrency,
  stdoutBuffer,
  limitConcurrency1,
];
