import type { DeviceKind, FootprintPart } from './artifacts.ts';
import type { Capacity } from './capacity.ts';
import type { Finding, Verdict } from './detector.ts';
import type { Comparability } from './gate.ts';
import type { SessionPlace, Subject } from './history.ts';
import type { Outcome } from './record.ts';
import type { SearchResult } from './search.ts';
import type { Validity } from './validity.ts';

export const schemaVersion = '0.2';

/** Moves when the same server would be measured or judged to other numbers (PROTOCOL 13.4). */
export const measurementVersion = '5';

export interface LatencySummary {
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

export interface RequestSummary {
  planned: number;
  outcomes: Readonly<Record<Outcome, number>>;
  /** From planned time, answered requests only. */
  latencyMs: LatencySummary;
  /** From sent time, beside the headline. */
  serviceMs: LatencySummary;
  /** null: whoever recorded the requests did not count them. */
  bytesOut: number | null;
  /** Mean length of the corpus times the answers; null for a corpus that is not audio. */
  audioSeconds: number | null;
  /** Which check of the replies was possible, by number of replies. */
  checks: Readonly<Record<string, number>>;
  /** Share of the words of real speech that were answered wrongly; null if no reply was held against a text. */
  wordErrorRate: number | null;
  errors: Readonly<Record<string, number>>;
}

export interface StageResult {
  name: string;
  kind: string;
  startMs: number;
  endMs: number;
  offeredPerSecond: number | null;
  achievedPerSecond: number | null;
  loadModel: 'open' | 'closed' | null;
  rates: readonly { name: string; perSecond: number }[];
  requests: RequestSummary;
  memory: { peakBytes: number | null; endBytes: number | null; peakHolder: string | null };
}

/** How the neighbour did while a stage went on. */
export interface NeighbourStage {
  name: string;
  kind: string;
  /** Of these the target answered or failed each. */
  asked: number;
  answered: number;
  /** Answered of asked; null if it was not asked. */
  availabilityRatio: number | null;
  latencyMs: LatencySummary;
  errors: Readonly<Record<string, number>>;
}

/** The state at a minute of the profile: minute m is m x 60 s x scale after the start. */
export interface MinuteRow {
  minute: number;
  atMs: number;
  stage: string;
  rssBytes: number | null;
  pssBytes: number | null;
  footprintBytes: number | null;
  memAvailableBytes: number | null;
  vramUsedBytes: number | null;
  vramFreeBytes: number | null;
  /** Share (0..1) of the 10 s before, or of a shorter profile minute. */
  psiMemorySomeAvg10: number | null;
  psiMemoryFullAvg10: number | null;
  inFlight: number | null;
  p95Ms: number | null;
}

/** One kind of host memory over the run, against what bounds it; null = not observed. */
export interface MemoryPart {
  part: FootprintPart;
  baselineBytes: number | null;
  peakBytes: number | null;
  floorBytes: number | null;
  limitBytes: number | null;
  limitSource: string | null;
  /** Of files in memory: the target has no group of its own, so that another may have written them. */
  mayBeOthers?: boolean;
}

/** Memory of one device; its limit is its size. */
export interface DeviceLevels {
  instance: string;
  kind: DeviceKind;
  limitBytes: number | null;
  baselineBytes: number | null;
  peakBytes: number | null;
  floorBytes: number | null;
  /** Of the target's processes, and of other processes that were seen. */
  targetPeakBytes: number | null;
  othersPeakBytes: number | null;
}

/** Levels of load, each with the memory that it reached, and the line through them. */
export interface MemoryAgainstLoad {
  /** `isCut`: memory ended the level, so that it needs at least as much. */
  points: readonly { stage: string; inFlight: number; peakBytes: number; isCut: boolean }[];
  /** With nothing in flight. */
  baseBytes: number;
  /** Theil-Sen slope and its interval; null below two levels. */
  fit: { bytesPerInFlight: number; lowerBytesPerInFlight: number; upperBytesPerInFlight: number } | null;
}

/** Settled memory after each of a family of equal loads. */
export interface RoundLine {
  family: string;
  /** `footprint`, or `device:<instance>`. */
  metric: string;
  /** `round` counts from 0; a round whose floor could not be measured is missing. */
  floors: readonly {
    round: number;
    stage: string;
    startMs: number;
    requests: number;
    bytes: number;
    isWarmup: boolean;
  }[];
  /** Theil-Sen line without the warm-up, with its 95 % interval; null below three floors. */
  fit: {
    bytesPerRound: number;
    lowerBytesPerRound: number;
    upperBytesPerRound: number;
    interceptBytes: number;
  } | null;
}

/** Latency of answered requests by the share (0..1) of them that was no slower, ascending. */
export interface LatencyCurve {
  /** null: all stages. */
  stage: string | null;
  from: 'planned' | 'sent';
  answers: number;
  points: readonly { ratio: number; ms: number }[];
}

/** A drawn line: decimated by min-max, so peaks stay. `null` is a gap. */
export interface ResultSeries {
  tMs: readonly number[];
  values: readonly (number | null)[];
}

export interface RunResult {
  schemaVersion: string;
  runId: string;
  startedAt: string;
  status: 'completed' | 'stopped' | 'aborted' | 'failed';
  profile: { name: string; hash: string; question: string; scale: number };
  planHash: string;
  /** What made the run; the page's footer names it. */
  tool: { name: string; version: string; commit: string | null };
  measurementVersion: string;
  session: SessionPlace;
  subject: Subject;
  corpus: { name: string; digest: string; content: string; items: number };
  hostClass: string;
  comparability: Comparability;
  engine: { id: string; version: string; why: string };
  /** In which wire format, and for which model where the format has one; null: not told. Absent: an older bench. */
  wire?: { adapter: string; model: string | null };
  target: {
    kind: 'url' | 'reference';
    url: string;
    /** The command that was started for the run; null: it ran already, or is ours. */
    exec: string | null;
    fault: string | null;
    fixes: readonly string[];
    device: { kind: DeviceKind | null; why: string | null };
    observed: string;
    memoryLimit: { bytes: number; how: string } | null;
  };
  sources: Readonly<Record<string, string>>;
  validity: Validity;
  verdict: Exclude<Verdict, 'not-applicable'>;
  findings: readonly Finding[];
  stages: readonly StageResult[];
  events: readonly { tMs: number; kind: string; subject: string; detail: string }[];
  requests: RequestSummary;
  memory: {
    limitBytes: number | null;
    limitSource: string | null;
    baselineBytes: number | null;
    peakBytes: number | null;
    peakSource: string | null;
    peakHolder: string | null;
    floorBytes: number | null;
    parts: readonly MemoryPart[];
    devices: readonly DeviceLevels[];
    perMinute: readonly MinuteRow[];
  };
  prediction: {
    /** null: nothing is projected, `why` says why not. */
    timeToLimitS: number | null;
    /** 95 % interval of the time; its upper end is null where growth may as well stop. */
    timeToLimitCi95S: readonly [number, number | null] | null;
    slopeBytesPerS: number;
    slopeCi95: readonly [number, number];
    predictedAtMs: number | null;
    why: string | null;
  } | null;
  /** null: `capacityUnknown` says why. */
  capacity: Capacity | null;
  capacityUnknown: string | null;
  /** null: the profile has no capacity search. */
  search: SearchResult | null;
  /** null: the profile has no neighbour, or it was not called. */
  neighbour: { adapter: string; everyMs: number; requests: RequestSummary; stages: readonly NeighbourStage[] } | null;
  guard: {
    stoppedAtMs: number;
    reason: string;
    /** How long the target was watched without load from then on; null: not at all, or another load followed. */
    watchedUntilMs?: number | null;
    /** Why the guard ended that too; null: it did not. */
    restEnded?: string | null;
  } | null;
  /** Share of the limit at which the guard stops, 0..1; null = off. */
  guardRatio: number | null;
  harness: {
    rssPeakBytes: number | null;
    cpuSeconds: number | null;
    eventLoopLagP99Ms: number | null;
    dispatchLatenessP99Ms: number | null;
    samplerCostMsPerSample: number | null;
    samplerCpuShare: number | null;
    missedSamples: number | null;
    expectedSamples: number | null;
  };
  /**
   * By name: `footprint`, `holder:ROLE`, `part:KIND`, `outcome:OUTCOME`, `latencyP95`, `offered`, `achieved`,
   * `inFlight`, `psiMemorySome`, ...
   */
  series: Readonly<Record<string, ResultSeries>>;
  /** null: no level of load was measured. */
  memoryAgainstLoad: MemoryAgainstLoad | null;
  /** null or empty: the profile has no rounds of equal load. */
  roundLines: readonly RoundLine[] | null;
  /** null or empty: nothing was answered, or nobody recorded it. */
  latencyCurves: readonly LatencyCurve[] | null;
  environment: Readonly<Record<string, string>>;
  command: string;
  notObserved: readonly { what: string; why: string }[];
  runtimeErrors: readonly { where: string; stack: string }[];
}
