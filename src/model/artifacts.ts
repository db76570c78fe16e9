import type { MemoryDriver } from './kept-answers.ts';
import type { Ladder } from './ladder.ts';
import type { Stage, StageKind } from './profile.ts';
import type { RequestRecord } from './record.ts';
import type { Retention, Rounds } from './rounds.ts';
import type { Series } from './series.ts';
import type {
  CpuUse,
  Descriptors,
  DeviceLevel,
  DeviceUse,
  HiddenMemory,
  JobBoardCounts,
  LightRoute,
  LockedMemory,
  ServerGauges,
} from './server-gauges.ts';

export { type Ladder, type LadderRung, type LadderSlope, type LoadUnit, loadUnits } from './ladder.ts';
export type { Series } from './series.ts';

/** A stage as it was run. `endMs` null: the run ended inside it. */
export interface StageWindow {
  name: string;
  kind: StageKind;
  startMs: number;
  endMs: number;
  stage: Stage;
  /** Rates as resolved, for the page. */
  rates: readonly { name: string; perSecond: number }[];
}

export const eventKinds = [
  'run_start',
  'run_end',
  'stage_start',
  'stage_end',
  'stage_skipped',
  'rate_resolved',
  'process_start',
  'process_gone',
  'restart',
  'oom_kill',
  'device_error',
  'guard_stop',
  'guard_would_stop',
  'guard_end',
  'abort',
  'search_step',
  'search_verdict',
  'target_gone',
  'probe_unavailable',
  'gap',
  'signal',
  'sampler_lost',
] as const;
export type EventKind = (typeof eventKinds)[number];

export interface RunEvent {
  tMs: number;
  kind: EventKind;
  stage: string;
  subject: string;
  detail: string;
}

/** One process of the target's tree, from first to last sight. */
export interface ProcessLife {
  /** `role#pid` */
  instance: string;
  role: string;
  pid: number;
  isRoot: boolean;
  firstMs: number;
  lastMs: number;
  /** null: still there when the run ended. */
  goneMs: number | null;
}

/**
 * Kinds of host memory, each seen where the others are not: anonymous memory of the processes that were found and of
 * those that they started, what of both is in swap, memory shared without a file, files kept in memory, and the
 * kernel's own on the target's behalf.
 */
export type FootprintPart = 'parent-anon' | 'child-anon' | 'swap' | 'shared-mapping' | 'tmpfs' | 'kernel';

/** Memory that the target causes, over time, and who holds it. Host bytes only; devices are apart. */
export interface Footprint {
  /**
   * Non-reclaimable bytes: RssAnon + VmSwap over the tree + shared memory counted once.
   * Between samples the kernel's high-water marks count (`peakBytes`).
   */
  total: Series;
  /** By role, stacked they give `total`. */
  holders: readonly { holder: string; series: Series }[];
  /** By kind; a kind that could not be read is not there. */
  parts: readonly { part: FootprintPart; series: Series }[];
  /** The highest level since the sample before, never below `total`. */
  peaks: Series;
  rss: Series;
  pss: Series;
  /** Highest value with where it was read: `samples`, `cgroup high-water mark`, `VmHWM`. */
  peakBytes: number;
  peakSource: string;
  peakMs: number;
  /** Who held most at the peak. */
  peakHolder: string;
  /** Median while idle before any load; null without such a stage. */
  baselineBytes: number | null;
  /** Median of the last third of the last quiet stage after load; null without one. */
  floorBytes: number | null;
}

export interface Limit {
  /** The tightest of all ancestors' limits and the host's memory. */
  bytes: number;
  /** Its place in words: `cgroup v1 /bench-abc (1 level up)`, `host memory`. */
  source: string;
  /** The group's own limit is a cgroup limit (a kill stays inside it). */
  isCgroup: boolean;
}

export interface Kills {
  /** Rise of the kernel's own counter of kills in the target's groups; null = not readable. */
  cgroupKills: number | null;
  /** Last reading of such a counter; a group takes it along when it vanishes. null = never read. */
  countedUntilMs: number | null;
  hostKills: number | null;
  firstMs: number | null;
  /** When the host's counter rose, whoever was killed. */
  hostKillTimesMs: readonly number[];
  /** MemAvailable of MemTotal, 0..1, at its lowest in the samples up to the host's first kill; null without one. */
  availableRatio: number | null;
  /** What was read of the target's kills, in words: counters, high-water mark, kernel log. */
  evidence: readonly string[];
}

export interface Health {
  rttMs: Series;
  /** 1 = answered 2xx in time, 0 = not. */
  ok: Series;
  /** Of each answer, whatever it was. */
  status: Series;
}

export interface Pressure {
  /** Share of time (0..1) with all tasks stalled on memory, between samples. */
  memoryFull: Series;
  memorySome: Series;
  cpuSome: Series;
  ioSome: Series;
  /** `host` or the cgroup's path. */
  scope: string;
}

export interface Host {
  memAvailableBytes: Series;
  memTotalBytes: number;
  swapUsedBytes: Series;
  /** 0 for a host without swap; null if it was not read. */
  swapTotalBytes: number | null;
  /** The file system in memory that a server could fill: /dev/shm, or the first one that was seen. */
  tmpfs: { mountPoint: string; sizeBytes: number } | null;
  sharedMemoryBytes: Series;
}

export type DeviceKind = 'cuda' | 'amd' | 'intel' | 'virtual';

/** Memory of one device over time; a series without a value was not read. */
export interface DeviceMemory {
  /** As the probe names it: `cuda:<uuid>`, `virtual:0`; `metrics` if only the server tells of it. */
  instance: string;
  kind: DeviceKind;
  /** null: neither the driver nor the server tells it. */
  totalBytes: number | null;
  usedBytes: Series;
  freeBytes: Series;
  /** Held by the target's processes, and by other processes that were seen. */
  treeBytes: Series;
  othersBytes: Series;
  /** In use, but booked on no process that was seen. */
  unattributedBytes: Series;
  utilizationPercent: Series;
}

/** The device of which the target held most, and all that were seen, this one first. */
export interface Device extends DeviceMemory {
  devices: readonly DeviceMemory[];
}

/** The harness itself. */
export interface ClientSelf {
  rssBytes: Series;
  eventLoopLagMs: Series;
  cpuSeconds: number | null;
  latenessMs: readonly number[];
  samplerCostMs: readonly number[];
  samplerCpuSeconds: number | null;
  /** null: the sampler was lost with its counts, or the harness was killed. */
  missedSamples: number | null;
  expectedSamples: number | null;
}

/** What makes an item of the corpus costly; null = it has no such trait. Attachments are counted in. */
export interface ItemTraits {
  bytes: number;
  audioSeconds: number | null;
  pixels: number | null;
}

/** Looked for, and why it is not there. */
export interface Unavailable {
  unavailable: true;
  reason: string;
  /** The profile does not ask for it: what needs it is not applicable, not unanswered. */
  isNotAsked?: true;
}

export interface Artifacts {
  records: readonly RequestRecord[];
  /** Of the neighbour's one client; its numbers are its own. */
  neighbour: readonly RequestRecord[];
  jobBoard: JobBoardCounts;
  stages: readonly StageWindow[];
  events: readonly RunEvent[];
  processes: readonly ProcessLife[];
  inFlight: Series;
  footprint: Footprint;
  driver: MemoryDriver;
  limit: Limit;
  kills: Kills;
  health: Health;
  pressure: Pressure;
  host: Host;
  device: Device;
  unreadBytes: Series;
  lightRoutes: readonly LightRoute[];
  cpu: CpuUse;
  deviceUse: DeviceUse;
  /** Of each device that was read; empty without one. */
  deviceLevels: readonly DeviceLevel[];
  descriptors: readonly Descriptors[];
  lockedMemory: LockedMemory;
  hiddenMemory: HiddenMemory;
  gauges: ServerGauges;
  /** The target's own metrics by `name{labels}`. */
  targetMetrics: ReadonlyMap<string, Series>;
  /** Traits by item id, of the whole corpus. */
  items: ReadonlyMap<string, ItemTraits>;
  ladder: Ladder;
  client: ClientSelf;
  rounds: Rounds;
  retention: readonly Retention[];
}

export type ArtifactKey = keyof Artifacts;
export type GatheredArtifacts = { readonly [K in ArtifactKey]: Artifacts[K] | Unavailable };

export function isUnavailable(value: object): value is Unavailable {
  return 'unavailable' in value;
}
