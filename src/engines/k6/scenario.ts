import { BenchError } from '../../base/errors.ts';
import type { OpenRows } from '../../model/plan.ts';

/** k6's own words: an entry of `options.scenarios`. */
export type ScenarioOptions = { startTime: string; gracefulStop: string } & (
  | {
      executor: 'constant-arrival-rate';
      rate: number;
      timeUnit: string;
      duration: string;
      preAllocatedVUs: number;
      maxVUs: number;
    }
  | {
      executor: 'ramping-arrival-rate';
      startRate: number;
      timeUnit: string;
      stages: readonly { target: number; duration: string }[];
      preAllocatedVUs: number;
      maxVUs: number;
    }
  | { executor: 'constant-vus'; vus: number; duration: string }
  | { executor: 'shared-iterations'; vus: number; iterations: number; maxDuration: string }
  | { executor: 'per-vu-iterations'; vus: number; iterations: number; maxDuration: string }
);

type OpenScenario = Extract<ScenarioOptions, { preAllocatedVUs: number }>;
export type Timing = Pick<ScenarioOptions, 'startTime' | 'gracefulStop'>;

/** k6 refuses shorter ones. */
export const leastDurationMs = 1000;
/** k6's ramps take whole rates: so many of ours make one of theirs, so that six decimals are kept. */
const rampUnitSeconds = 1_000_000;
/** k6 sends the first request of a ramp where the integral of its rate reaches 1; this leg brings it there. */
const rampLeadMs = 1;
/** A k6 that is told a plan may be no further from it than this. */
const toleranceMs = 0.5;

/** Durations in Go's words, to the nanosecond. */
export function durationText(ms: number): string {
  return `${Math.round(ms * 1e6)}ns`;
}

interface Line {
  /** Requests per ms at the start, and what it grows by in each ms. */
  from: number;
  growth: number;
}

/**
 * The rate whose integral n(t) = from t + growth t^2 / 2 passes n at the n-th arrival, found from one arrival in the
 * middle and the last one; null if there are too few to tell.
 */
function lineThrough(arrivalsMs: readonly number[]): Line | null {
  const last = arrivalsMs.length - 1;
  const middle = Math.floor(last / 2);
  const [t1, t2] = [arrivalsMs[middle] ?? 0, arrivalsMs[last] ?? 0];
  if (middle < 1 || t1 <= 0 || t2 <= t1) {
    return null;
  }
  const growth = (2 * (last / t2 - middle / t1)) / (t2 - t1);
  return { from: middle / t1 - (growth * t1) / 2, growth };
}

function arrivalOnLine({ from, growth }: Line, n: number): number {
  return (2 * n) / (from + Math.sqrt(Math.max(0, from * from + 2 * growth * n)));
}

function refusal(stage: string): BenchError {
  return new BenchError(
    'ENGINE_CANNOT_KEEP_PLAN',
    `Stage "${stage}" has arrivals that are neither even nor an even ramp, and k6 has no other ones.`,
    { hint: 'Use --engine native.' },
  );
}

/**
 * The arrivals of a stage as k6 would make them by itself; throws ENGINE_CANNOT_KEEP_PLAN if it would make others.
 * `leadMs` after the start of the scenario the stage's own time begins.
 */
export function openScenario(rows: OpenRows, timing: Timing): { options: OpenScenario; leadMs: number } {
  const arrivalsMs = rows.rows.map((row) => row.plannedMs ?? 0);
  const stage = rows.rows[0]?.stage ?? '';
  const lastMs = arrivalsMs.at(-1) ?? 0;
  // A VU for each that may be in flight, from the start: k6 drops a request for each VU that it must add.
  const vus = Math.max(1, Math.min(rows.maxInFlight, arrivalsMs.length));
  const slots = { preAllocatedVUs: vus, maxVUs: vus };
  const gapMs = arrivalsMs.length < 2 ? leastDurationMs : lastMs / (arrivalsMs.length - 1);
  if (gapMs <= 0 || (arrivalsMs[0] ?? 0) > toleranceMs) {
    throw refusal(stage);
  }
  if (arrivalsMs.every((atMs, n) => Math.abs(atMs - n * gapMs) < toleranceMs)) {
    const durationMs = Math.max(leastDurationMs, lastMs + gapMs / 2);
    const rate = { rate: 1, timeUnit: durationText(gapMs), duration: durationText(durationMs) };
    return { options: { executor: 'constant-arrival-rate', ...timing, ...rate, ...slots }, leadMs: 0 };
  }
  const line = lineThrough(arrivalsMs);
  if (line === null || arrivalsMs.some((atMs, n) => !(Math.abs(arrivalOnLine(line, n) - atMs) < toleranceMs))) {
    throw refusal(stage);
  }
  return { options: { ...timing, ...rampOptions(line, arrivalsMs), ...slots }, leadMs: rampLeadMs };
}

function rampOptions(
  { from, growth }: Line,
  arrivalsMs: readonly number[],
): Pick<Extract<OpenScenario, { startRate: number }>, 'executor' | 'startRate' | 'timeUnit' | 'stages'> {
  const whole = (perMs: number): number => Math.max(0, Math.round(perMs * 1000 * rampUnitSeconds));
  const lead = whole(1 / rampLeadMs);
  const lastMs = arrivalsMs.at(-1) ?? 0;
  // Half a gap beyond the last one: no further request fits in.
  const endMs = lastMs + (lastMs - (arrivalsMs.at(-2) ?? 0)) / 2;
  return {
    executor: 'ramping-arrival-rate',
    startRate: lead,
    timeUnit: `${rampUnitSeconds}s`,
    stages: [
      { target: lead, duration: durationText(rampLeadMs) },
      { target: whole(from), duration: '0s' },
      { target: whole(from + growth * endMs), duration: durationText(endMs) },
    ],
  };
}
