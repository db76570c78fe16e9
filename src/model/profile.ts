/**
 * idle: before any load, health probe only. warmup: unjudged load. load: judged load.
 * lull: a pause between loads. cooldown: until nothing is in flight, or a limit.
 * silence: no byte to the target, not even a health probe. canary: one known item must still be answered.
 */
export const stageKinds = ['idle', 'warmup', 'load', 'lull', 'cooldown', 'silence', 'canary'] as const;
export type StageKind = (typeof stageKinds)[number];

/**
 * Requests per second, real, may be below 1; or a multiple of what an earlier stage achieved.
 * `audioSeconds`: that stage's audio seconds per second, divided by the mean seconds of the corpus.
 */
export type Rate = number | { times: number; of: string; unit: 'requests' | 'audioSeconds' };

export type Arrivals = 'uniform' | 'poisson';

/** The load of one stage in k6's words. Durations live in the stage. */
export type Load =
  | { executor: 'constant-vus'; vus: number; thinkMs: number }
  | { executor: 'ramping-vus'; fromVus: number; toVus: number; thinkMs: number }
  | { executor: 'shared-iterations'; vus: number; iterations: number; thinkMs: number }
  | { executor: 'per-vu-iterations'; vus: number; iterations: number; thinkMs: number }
  | { executor: 'constant-arrival-rate'; rate: Rate; arrivals: Arrivals; maxInFlight: number }
  | { executor: 'ramping-arrival-rate'; fromRate: Rate; toRate: Rate; arrivals: Arrivals; maxInFlight: number }
  | { executor: 'burst'; size: number; repeats: number; everyMs: number; maxInFlight: number };

export type ExecutorId = Load['executor'];

/** Which items a stage draws: a seeded permutation over and over, or one known item. */
export type Pick = 'shuffled' | 'first' | 'longest';

/**
 * Clients that do not simply send and wait. One that lets go or disconnects ends as `cancelled`; each retry is a
 * request of its own, planned when its client lets go.
 */
export interface ClientManners {
  /** Lets go of a request without an answer after so long; null: only its timeout ends it. */
  abandonAfterMs: number | null;
  /** How often the same item is asked for again after letting go, and the pause before each. */
  retries: number;
  retryPauseMs: number;
  /** How fast a body is written; null: as fast as the server reads. */
  uploadBytesPerSecond: number | null;
  /** Share of the body (0..1) after which the client disconnects; null: never. */
  disconnectAtRatio: number | null;
}

/** Ends the load of a run before its time, as a finding of its own and not as the guard. */
export interface AbortCondition {
  /** Share of requests that failed in the last `forMs`; their p95 in ms; or ms without a good health answer. */
  when: 'error-ratio' | 'p95-ms' | 'unhealthy-ms';
  above: number;
  forMs: number;
}

/** A second target that is called all along by one careful client: does it suffer from what the first one is sent? */
export interface Neighbour {
  adapter: string;
  corpus: string;
  /** Its path at the same server, unless --neighbour names another. */
  path: string | null;
  everyMs: number;
  timeoutMs: number;
}

/** Steps of concurrency, each a stage of its own: up by `factor` until a bound breaks, then bisected. */
export interface CapacitySearch {
  fromVus: number;
  toVus: number;
  factor: number;
  stepMs: number;
  lullMs: number;
  /** What a step must keep beside the guard; null: the guard alone. */
  p95Ms: number | null;
  errorRatio: number;
}

export interface Stage {
  name: string;
  kind: StageKind;
  /** null for idle, lull, cooldown and silence. */
  load: Load | null;
  /** For a cooldown the longest it may take. */
  durationMs: number;
  timeoutMs: number;
  pick: Pick;
  /** null: clients that send and wait. */
  client: ClientManners | null;
}

/** Every default filled in; its canonical JSON (with the corpus digest) is the profile's identity. */
export interface ResolvedProfile {
  name: string;
  question: string;
  corpus: string;
  adapter: string;
  seed: number;
  scale: number;
  sampleIntervalMs: number;
  /** Multiplies the reference server's own timers, so that a short story still has its idle timeouts. */
  referenceTimeScale: number;
  stages: readonly Stage[];
  abortWhen: readonly AbortCondition[];
  neighbour: Neighbour | null;
  /** Runs after the stages; null for a profile whose load is all in its stages. */
  search: CapacitySearch | null;
  /** Detector id to what a failing finding counts as. */
  thresholds: Readonly<Record<string, 'fail' | 'warn' | 'off'>>;
  /** Detectors that must come to an answer; inconclusive then makes the verdict inconclusive. */
  requires: readonly string[];
}
