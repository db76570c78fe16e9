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
  | { executor: 'constant-arrival-rate'; rate: Rate; arrivals: Arrivals; maxInFlight: number }
  | { executor: 'ramping-arrival-rate'; fromRate: Rate; toRate: Rate; arrivals: Arrivals; maxInFlight: number }
  | { executor: 'burst'; size: number; repeats: number; everyMs: number; maxInFlight: number };

export type ExecutorId = Load['executor'];

/** Which items a stage draws: a seeded permutation over and over, or one known item. */
export type Pick = 'shuffled' | 'first' | 'longest';

export interface Stage {
  name: string;
  kind: StageKind;
  /** null for idle, lull, cooldown and silence. */
  load: Load | null;
  /** For a cooldown the longest it may take. */
  durationMs: number;
  timeoutMs: number;
  pick: Pick;
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
  /** Detector id to what a failing finding counts as. */
  thresholds: Readonly<Record<string, 'fail' | 'warn' | 'off'>>;
  /** Detectors that must come to an answer; inconclusive then makes the verdict inconclusive. */
  requires: readonly string[];
}
