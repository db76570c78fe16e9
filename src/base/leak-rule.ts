import { mannKendallP } from './mann-kendall.ts';
import { mad, median, theilSen } from './statistics.ts';

/** Fewer floors cannot show a trend (PROTOCOL 16.1): of 4 the smallest p is .042, of 5 .0083, of 6 .0014. */
export const leastFloors = 6;
/** Of a whole run; it is divided by the number of metrics that are looked at. */
const runAlpha = 0.01;
const notableShare = 0.02;
const notableDeviations = 3;

/** A settled level after a round; `round` counts equal rounds, and may skip one whose floor was not measured. */
export interface Floor {
  round: number;
  value: number;
}

/** The four gates; a rise is only a candidate when all are passed. */
export interface LeakGates {
  hasTrend: boolean;
  hasEffect: boolean;
  isSustained: boolean;
  isNoStep: boolean;
}

/** What floors say of a rise. Slopes are per round, `growth` over all rounds, `needed` what gate 2 asks for. */
export interface LeakTrend {
  floors: number;
  p: number;
  alpha: number;
  slope: number;
  lowerSlope: number;
  upperSlope: number;
  growth: number;
  needed: number;
  /** Slope of the later half over that of the earlier one; Infinity where the earlier half did not rise. */
  lateRatio: number;
  /** Share of the largest single increase in the growth; Infinity without growth. */
  stepRatio: number;
  gates: LeakGates;
  isCandidate: boolean;
}

/** `metrics`: how many are looked at in this run. `notable`: the least growth that counts, in the unit of the floors. */
export interface LeakOptions {
  metrics: number;
  notable: number;
}

/**
 * Stage 1 of the leak rule: trend (Mann-Kendall), effect (Theil-Sen growth against size and scatter), sustained
 * (the later half still rises), and not one step. null below 6 floors: then nothing can be said.
 */
export function leakTrend(floors: readonly Floor[], { metrics, notable }: LeakOptions): LeakTrend | null {
  const used = floors.filter(({ value }) => !Number.isNaN(value)).toSorted((a, b) => a.round - b.round);
  const values = used.map(({ value }) => value);
  const line = lineThrough(used);
  const first = used[0];
  const last = used.at(-1);
  if (used.length < leastFloors || line === null || first === undefined || last === undefined) {
    return null;
  }
  const residuals = used.map(({ round, value }) => value - line.intercept - line.slope * round);
  const growth = line.slope * (last.round - first.round);
  const needed = Math.max(
    notable,
    notableShare * Math.abs(median(values) ?? 0),
    notableDeviations * (mad(residuals) ?? 0),
  );
  const p = mannKendallP(values);
  const alpha = runAlpha / Math.max(1, metrics);
  const { early, late } = halfSlopes(used);
  const step = largestStep(values);
  const gates = {
    hasTrend: p < alpha,
    hasEffect: growth > needed,
    isSustained: late > 0 && late >= 0.5 * early,
    isNoStep: step <= 0.5 * growth,
  };
  return {
    floors: used.length,
    p,
    alpha,
    slope: line.slope,
    lowerSlope: line.lowerSlope,
    upperSlope: line.upperSlope,
    growth,
    needed,
    lateRatio: early > 0 ? late / early : Number.POSITIVE_INFINITY,
    stepRatio: growth > 0 ? step / growth : Number.POSITIVE_INFINITY,
    gates,
    isCandidate: gates.hasTrend && gates.hasEffect && gates.isSustained && gates.isNoStep,
  };
}

/** Stage 2: fresh floors show the same again, at least half as much. `fresh` null: there were too few. */
export function isConfirmed(first: LeakTrend, fresh: LeakTrend | null): boolean {
  return first.isCandidate && fresh?.isCandidate === true && fresh.growth >= 0.5 * first.growth;
}

function lineThrough(floors: readonly Floor[]): ReturnType<typeof theilSen> {
  return theilSen(
    floors.map(({ round }) => round),
    floors.map(({ value }) => value),
  );
}

/** Halves that share their middle: k / 2 + 1 floors each for an even k, (k + 1) / 2 for an odd one. */
function halfSlopes(floors: readonly Floor[]): { early: number; late: number } {
  const size = floors.length % 2 === 0 ? floors.length / 2 + 1 : (floors.length + 1) / 2;
  return {
    early: lineThrough(floors.slice(0, size))?.slope ?? 0,
    late: lineThrough(floors.slice(-size))?.slope ?? 0,
  };
}

function largestStep(values: readonly number[]): number {
  let largest = 0;
  for (const [index, value] of values.entries()) {
    largest = Math.max(largest, value - (values[index - 1] ?? value));
  }
  return largest;
}
