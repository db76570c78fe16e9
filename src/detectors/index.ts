import type { Detector } from '../model/detector.ts';
import { growthWithoutLoad } from './growth-without-load.ts';
import { lowHeadroom } from './low-headroom.ts';
import { maskedFailure } from './masked-failure.ts';
import { memoryStall } from './memory-stall.ts';
import { oomKill } from './oom-kill.ts';
import { probeFailure } from './probe-failure.ts';
import { processRestart } from './process-restart.ts';
import { retainedMemory } from './retained-memory.ts';

export const detectors: readonly Detector[] = [
  oomKill,
  processRestart,
  lowHeadroom,
  growthWithoutLoad,
  retainedMemory,
  memoryStall,
  probeFailure,
  maskedFailure,
];
