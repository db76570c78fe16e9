import { z } from 'zod';

/** Of a row and of a whole decision; the worst row decides, in the order of `gateSeverity`. */
export const gateStates = [
  'pass',
  'calibrating',
  'not-comparable',
  'inconclusive',
  'warn',
  'flaky',
  'fail',
  'invalid',
] as const;
export type GateState = (typeof gateStates)[number];

export type GateLayer = 'invariant' | 'absolute' | 'relative' | 'change-point';

const share = z.number().nonnegative();

/** How far a metric may move; shares are of the compared value (0.05 = 5 %). */
export const gateMetricRuleSchema = z.strictObject({
  /** Against the rolling history. */
  delta: share,
  /** Against the pinned reference. */
  deltaRef: share,
  /** Least scale, as a share of the centre: no history is quieter than this. */
  floor: share,
  /** Least absolute move, in the metric's own unit. */
  absFloor: share,
  /** Least absolute move as a share of the limit; absent where the metric has none. */
  absFloorLimitRatio: share.optional(),
  /** Answers that a night must hold before the metric counts. */
  minRequests: z.int().nonnegative().optional(),
  /** Metrics that do not gate only warn. */
  gates: z.boolean(),
});

/** Every constant of the gate; `profiles/gates.json` holds the values, each decision a copy. */
export const gateConstantsSchema = z.strictObject({
  $schema: z.string().optional(),
  /** Of this file; a decision names it. */
  version: z.string(),
  repeats: z.strictObject({
    count: z.int().positive(),
    /** Where p99 gates. */
    countForP99: z.int().positive(),
    /** Spread (max - min) / median above which up to `extra` repeats more are run. */
    spreadRatio: share,
    extra: z.int().nonnegative(),
  }),
  absolute: z.strictObject({
    peakWarnRatio: share,
    peakFailRatio: share,
    leakFailHours: share,
    leakWarnHours: share,
  }),
  relative: z.strictObject({
    window: z.int().positive(),
    /** Fewer accepted comparable nights than these: calibrating. */
    minHistory: z.int().positive(),
    /** Scales that a value must lie beyond the centre. */
    madFactor: share,
    /** Median of at least so many runs is pinned as a reference. */
    minReference: z.int().positive(),
  }),
  changePoints: z.strictObject({
    window: z.int().positive(),
    pValue: share,
    minMagnitude: share,
    minBefore: z.int().positive(),
    minAfter: z.int().positive(),
    permutations: z.int().positive(),
    canFail: z.boolean(),
  }),
  /** False alarms in a hundred nights and metrics, from the simulation; what `gate explain` multiplies. */
  falseAlarmsPerHundredNights: share,
  calibration: z.strictObject({ minSessions: z.int().positive() }),
  /** By id of a gate metric. */
  metrics: z.record(z.string(), gateMetricRuleSchema),
});
export type GateConstants = z.infer<typeof gateConstantsSchema>;
export type GateMetricRule = z.infer<typeof gateMetricRuleSchema>;

export type GateUnit = 'bytes' | 'ms' | 'per_s';

/** One number of a run that may be compared with other runs'; never null: what was not measured is absent. */
export interface GateMetric {
  /** Key of `GateConstants.metrics`. */
  id: string;
  /** null: of the whole run. */
  stage: string | null;
  /** A device where the run has several; null otherwise. */
  instance: string | null;
  unit: GateUnit;
  isBiggerBetter: boolean;
  value: number;
  /** What bounds it, in its own unit; null: nothing known. */
  limit: number | null;
  /** Answers behind it; null where it is none of requests. */
  requests: number | null;
}

/** The fields of two runs that must or should agree; null = was not read. */
export interface Comparability {
  /** Different: `not-comparable`. */
  must: Readonly<Record<string, string | null>>;
  /** Different: compared, with a banner. */
  warn: Readonly<Record<string, string | null>>;
}

export interface ComparabilityDifference {
  class: 'must' | 'warn';
  field: string;
  baseline: string | null;
  candidate: string | null;
}

/** One judgement with all that went into it. */
export interface GateRow {
  layer: GateLayer;
  /** Id of the condition, for example `relative-history`, `oom-kill`, `peak-share`. */
  rule: string;
  state: GateState;
  metric: string | null;
  stage: string | null;
  instance: string | null;
  unit: GateUnit | 'ratio' | 'hours' | null;
  /** Every repeat of the night, in order. */
  values: readonly number[];
  /** The compared value: the median of repeats, of absolute limits the worst. */
  value: number | null;
  /** Median of the accepted history. */
  centre: number | null;
  /** max(1.4826 MAD, floor x centre). */
  scale: number | null;
  /** The pinned reference's median. */
  reference: number | null;
  /** The value from which on this row would not have passed. */
  threshold: number | null;
  /** Values of the confirmation session; empty if there was none. */
  confirmation: readonly number[];
  /** Names the regression over nights: hash of series, metric, stage, direction and first bad commit. */
  identity: string | null;
  /** First night of the same identity; null: this one. */
  failingSince: string | null;
  /** In plain words, with the remedy. */
  sentence: string;
}

/** What the gate says of one session (the repeats of one night and profile). */
export interface GateDecision {
  schemaVersion: string;
  state: GateState;
  /** Why, in one sentence. */
  sentence: string;
  series: string;
  profile: string;
  sessionId: string;
  runIds: readonly string[];
  confirmationRunIds: readonly string[];
  /** Nights of the history that were compared with; empty: none was comparable. */
  historyUsed: readonly string[];
  differences: readonly ComparabilityDifference[];
  rows: readonly GateRow[];
  /** A relative or reference condition holds and no confirmation session was given. */
  needsConfirmation: boolean;
  constants: GateConstants;
}
