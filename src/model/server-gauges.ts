import type { Series } from './series.ts';

/** CPU of one process of the target between its readings, in cores; threads at its readings. */
export interface ProcessCpu {
  /** `role#pid` */
  instance: string;
  role: string;
  isRoot: boolean;
  cores: Series;
  /** Of its main thread alone, read every few seconds. */
  mainThreadCores: Series;
  threads: Series;
}

/** What the target's processes compute, in all and one by one. */
export interface CpuUse {
  cores: Series;
  processes: readonly ProcessCpu[];
}

/** How busy the target's devices are; without a reading nobody can say that they idle. */
export interface DeviceUse {
  /** none: no device that computes. unread: there is one, and its use was not told. */
  state: 'none' | 'unread' | 'read';
  /** Of the busiest device of the target, whoever uses it; empty unless read. */
  percent: Series;
}

/** How full one device became, whoever filled it; bytes. Only of devices whose size is known. */
export interface DeviceLevel {
  /** As the probe names it: `cuda:<uuid>`, `virtual:0`. */
  instance: string;
  isVirtual: boolean;
  totalBytes: number;
  /** In use at rest before the load, with everything loaded that one request at a time needs; null without such a time. */
  baseBytes: number | null;
  peakBytes: number;
  peakMs: number;
  /** In use at rest after the last load; null without such a time. */
  floorBytes: number | null;
  /** At the peak, of the target's and of other processes; null where nobody could tell. */
  ownBytes: number | null;
  othersBytes: number | null;
  /** What the target's processes held then more than at rest before the load; null where nobody could tell. */
  ownRiseBytes: number | null;
}

/** Open files of one process against its own soft limit. */
export interface Descriptors {
  instance: string;
  role: string;
  open: Series;
  /** null: unlimited or unreadable. */
  softLimit: number | null;
}

/** Memory that the kernel may neither swap nor reclaim: mlock and what drivers pin (VmLck + VmPin). */
export interface LockedMemory {
  total: Series;
  holders: readonly { role: string; series: Series }[];
}

/** Files in memory, and the part of them that no process shows as resident. */
export interface HiddenMemory {
  /** What all tmpfs gained since the first sample, less the shared pages that the target's processes map. */
  unseen: Series;
  /** The target's own cgroup is charged for it. False: tmpfs was told for more than the target, so it may be another's. */
  isOwn: boolean;
  mounts: readonly { mountPoint: string; used: Series; sizeBytes: number | null }[];
}

/** A page beside health that costs the server little. */
export interface LightRoute {
  name: string;
  /** 1 = answered in time, whatever the status; 0 = not. */
  answered: Series;
  /** Its refusals cannot be told from silence, so that it counts only with nothing in flight. */
  isOnlyClearAtRest: boolean;
}

/** A number that the server tells of itself under a known name, summed over its label sets. */
export interface ToldGauge {
  name: string;
  series: Series;
}

/** What the server says of its work, by the table of known names in `computed/known-gauges.ts`. */
export interface ServerGauges {
  /** Work that waits, in requests or in seconds of audio. */
  queues: readonly (ToldGauge & { counts: 'requests' | 'audioSeconds' })[];
  /** Requests that it works on. */
  work: readonly ToldGauge[];
  /** Of those, the ones that nobody waits for any more. */
  abandoned: readonly ToldGauge[];
  /** System calls refused for want of descriptors (EMFILE), counted since its start. */
  descriptorRefusals: readonly ToldGauge[];
}

/** The board from which a target fetches its tasks, as the harness keeps it. */
export interface JobBoardCounts {
  /** Given out and not answered, and not yet given out. */
  reserved: Series;
  waiting: Series;
  /** Counts since the run began. */
  duplicates: Series;
  late: Series;
  expired: Series;
  /** How long a task may stay reserved before it is given out again or timed out; null where it was not told. */
  leaseMs: number | null;
  /** The same at scale 1. Where `leaseMs` is less, leases were shortened and the work of a task was not. */
  wholeLeaseMs: number | null;
}
