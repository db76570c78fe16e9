import type { Probe } from '../model/probe.ts';
import { cgroupMemory } from './cgroup-memory.ts';
import { clientSelf } from './client-self.ts';
import { healthRtt } from './health-rtt.ts';
import { hostMemory } from './host-memory.ts';
import { kernelLog } from './kernel-log.ts';
import { processMemory } from './process-memory.ts';
import { psi } from './psi.ts';
import { pss } from './pss.ts';
import { sharedMemory } from './shared-memory.ts';
import { sockets } from './sockets.ts';
import { targetMetrics } from './target-metrics.ts';
import { vram } from './vram.ts';

/** Read by the sampler's process, in this order: what answers over HTTP comes last. */
export const probes: readonly Probe[] = [
  processMemory,
  pss,
  cgroupMemory,
  kernelLog,
  hostMemory,
  sharedMemory,
  psi,
  sockets,
  vram,
  healthRtt,
  targetMetrics,
];

/** Read by the process that sends. */
export const clientProbes = [clientSelf] as const;
