import { arenaRetain } from './arena-retain.ts';
import { doubleLoad } from './double-load.ts';
import type { Fault } from './fault.ts';
import { fdExhaustion } from './fd-exhaustion.ts';
import { limitConcurrency1 } from './limit-concurrency-1.ts';
import { lockWedge } from './lock-wedge.ts';
import { neighbourStarve } from './neighbour-starve.ts';
import { none } from './none.ts';
import { phantomQueue } from './phantom-queue.ts';
import { pinnedCopies } from './pinned-copies.ts';
import { prefetchShm } from './prefetch-shm.ts';
import { requeueSpin } from './requeue-spin.ts';
import { slowLeak } from './slow-leak.ts';
import { stdoutBuffer } from './stdout-buffer.ts';
import { swapHidden } from './swap-hidden.ts';
import { unboundedCache } from './unbounded-cache.ts';
import { unboundedConcurrency } from './unbounded-concurrency.ts';
import { ungatedPool } from './ungated-pool.ts';
import { zombie504 } from './zombie-504.ts';

/** The controls of PROTOCOL 21.2: none of them, `none`, and each mended must give no failing finding. */
export const faults: readonly Fault[] = [
  none,
  ungatedPool,
  requeueSpin,
  phantomQueue,
  prefetchShm,
  pinnedCopies,
  fdExhaustion,
  slowLeak,
  unboundedConcurrency,
  stdoutBuffer,
  limitConcurrency1,
  doubleLoad,
  lockWedge,
  zombie504,
  unboundedCache,
  swapHidden,
  arenaRetain,
  neighbourStarve,
];
