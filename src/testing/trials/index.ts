import { arenaRetainTrial } from './arena-retain.ts';
import { doubleLoadTrial } from './double-load.ts';
import { fdExhaustionTrial } from './fd-exhaustion.ts';
import { limitConcurrency1Trial } from './limit-concurrency-1.ts';
import { lockWedgeTrial } from './lock-wedge.ts';
import { neighbourStarveTrial } from './neighbour-starve.ts';
import { phantomQueueTrial } from './phantom-queue.ts';
import { pinnedCopiesTrial } from './pinned-copies.ts';
import { prefetchShmTrial } from './prefetch-shm.ts';
import { requeueSpinTrial } from './requeue-spin.ts';
import { slowLeakTrial } from './slow-leak.ts';
import { stdoutBufferTrial } from './stdout-buffer.ts';
import { swapHiddenTrial } from './swap-hidden.ts';
import type { FaultTrial } from './trial.ts';
import { unboundedCacheTrial } from './unbounded-cache.ts';
import { unboundedConcurrencyTrial } from './unbounded-concurrency.ts';
import { ungatedPoolTrial } from './ungated-pool.ts';
import { zombie504Trial } from './zombie-504.ts';

/** In the order of the incidents. */
export const trials: readonly FaultTrial[] = [
  requeueSpinTrial,
  phantomQueueTrial,
  ungatedPoolTrial,
  unboundedConcurrencyTrial,
  stdoutBufferTrial,
  limitConcurrency1Trial,
  arenaRetainTrial,
  neighbourStarveTrial,
  doubleLoadTrial,
  lockWedgeTrial,
  zombie504Trial,
  prefetchShmTrial,
  pinnedCopiesTrial,
  fdExhaustionTrial,
  swapHiddenTrial,
  unboundedCacheTrial,
  slowLeakTrial,
];
