import type { Detector } from '../model/detector.ts';
import { coldMultiplier } from './cold-multiplier.ts';
import { concurrencyAmplification } from './concurrency-amplification.ts';
import { deviceIdleUnderLoad } from './device-idle-under-load.ts';
import { endpointWedge } from './endpoint-wedge.ts';
import { eventLoopStall } from './event-loop-stall.ts';
import { fdExhaustion } from './fd-exhaustion.ts';
import { growthWithInputs } from './growth-with-inputs.ts';
import { growthWithLoad } from './growth-with-load.ts';
import { growthWithoutLoad } from './growth-without-load.ts';
import { lockedMemory } from './locked-memory.ts';
import { lowHeadroom } from './low-headroom.ts';
import { maskedFailure } from './masked-failure.ts';
import { memoryStall } from './memory-stall.ts';
import { neighbourFailure } from './neighbour-failure.ts';
import { oomKill } from './oom-kill.ts';
import { probeFailure } from './probe-failure.ts';
import { processRestart } from './process-restart.ts';
import { queueGaugeExcess } from './queue-gauge-excess.ts';
import { retainedMemory } from './retained-memory.ts';
import { shmPlateau } from './shm-plateau.ts';
import { silentFailure } from './silent-failure.ts';
import { sizeDependentPeak } from './size-dependent-peak.ts';
import { spawnWithoutWork } from './spawn-without-work.ts';
import { swappedGrowth } from './swapped-growth.ts';
import { throughputCollapse } from './throughput-collapse.ts';
import { unansweredTasks } from './unanswered-tasks.ts';
import { unreadSockets } from './unread-sockets.ts';
import { zombieWork } from './zombie-work.ts';

/** The order of findings of one verdict: what happened, then what names a cause, then what says only that room is short. */
export const detectors: readonly Detector[] = [
  oomKill,
  processRestart,
  concurrencyAmplification,
  sizeDependentPeak,
  coldMultiplier,
  growthWithoutLoad,
  growthWithLoad,
  growthWithInputs,
  swappedGrowth,
  shmPlateau,
  lockedMemory,
  neighbourFailure,
  lowHeadroom,
  retainedMemory,
  memoryStall,
  eventLoopStall,
  probeFailure,
  endpointWedge,
  unreadSockets,
  deviceIdleUnderLoad,
  queueGaugeExcess,
  spawnWithoutWork,
  zombieWork,
  unansweredTasks,
  maskedFailure,
  silentFailure,
  fdExhaustion,
  throughputCollapse,
];
