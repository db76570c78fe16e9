import { type Floor, isConfirmed, type LeakTrend, leakTrend, leastFloors } from '../base/leak-rule.ts';
import type { Footprint } from '../model/artifacts.ts';
import type { Round, RoundFamily, Rounds } from '../model/rounds.ts';
import { floorIn } from './rounds.ts';

/** Gate 2 of the leak rule for bytes: less is lost in the noise of any allocator. */
export const notableBytes = 16 * 1024 ** 2;
/** Fewer equal loads were not meant as rounds. */
const leastRounds = 3;
/**
 * Over first and fresh rounds together the later half must rise by this much of the earlier one. A warm-up that lasts
 * as long as the first rounds passes the rule alone in 4 % of simulated runs, with this in 1 %; a leak of 2 % a round
 * is found as before.
 */
export const leastLateRatio = 0.6;

/** Rounds that find a rise, and fresh ones of the same load that confirm it; `fresh` is empty where there are none. */
export interface StagedRounds {
  first: readonly Round[];
  fresh: readonly Round[];
  /** No restart lies between them, so that their floors are one series. */
  isWhole: boolean;
}

/**
 * The family that is judged, and what confirms it: the next family of the same load, or its own later half if that
 * leaves enough for both. null without rounds.
 */
export function stagedRounds({ families, restartsMs }: Rounds, hasNewInputs: boolean): StagedRounds | null {
  const meant = families.filter(
    (family) => family.hasNewInputs === hasNewInputs && plannedRounds(family) >= leastRounds,
  );
  const judged = meant.find(({ rounds }) => rounds.length >= leastFloors) ?? longest(meant);
  if (judged === null) {
    return null;
  }
  const fresh = meant.find(
    (family) => family !== judged && family.load === judged.load && startOf(family) > startOf(judged),
  );
  if (fresh !== undefined) {
    const [fromMs, toMs] = [startOf(judged), fresh.rounds.at(-1)?.startMs ?? 0];
    const isWhole = !restartsMs.some((tMs) => tMs > fromMs && tMs < toMs);
    return { first: judged.rounds, fresh: fresh.rounds, isWhole };
  }
  const half = Math.ceil(judged.rounds.length / 2);
  return judged.rounds.length >= 2 * leastFloors
    ? { first: judged.rounds.slice(0, half), fresh: judged.rounds.slice(half), isWhole: true }
    : { first: judged.rounds, fresh: [], isWhole: true };
}

function plannedRounds({ warmup, rounds }: RoundFamily): number {
  return rounds.length + (warmup === null ? 0 : 1);
}

const startOf = ({ rounds }: RoundFamily): number => rounds[0]?.startMs ?? 0;

function longest(families: readonly RoundFamily[]): RoundFamily | null {
  return families.reduce<RoundFamily | null>(
    (best, family) => (best === null || family.rounds.length > best.rounds.length ? family : best),
    null,
  );
}

/** Floors by their round's number; a round without a floor is skipped, its number is not. */
export function floorsOf(rounds: readonly Round[], metric: string): Floor[] {
  return rounds.flatMap(({ floors }, round) => {
    const value = floors[metric];
    return value === undefined ? [] : [{ round, value }];
  });
}

/** What rounds say of one metric. */
export interface LeakJudgement {
  metric: string;
  /** Of 6 at least. */
  floors: number;
  /** null: too few floors. */
  first: LeakTrend | null;
  fresh: LeakTrend | null;
  isConfirmed: boolean;
  /** Growth of the whole family for each request that was sent; null without requests. */
  perRequest: number | null;
  lastFloor: number | null;
}

export function judgeLeak({ first, fresh, isWhole }: StagedRounds, metric: string, metrics: number): LeakJudgement {
  const options = { metrics, notable: notableBytes };
  const floors = floorsOf(first, metric);
  const trend = leakTrend(floors, options);
  const again = leakTrend(floorsOf(fresh, metric), options);
  const whole = isWhole ? leakTrend(floorsOf([...first, ...fresh], metric), options) : null;
  const sent = first.slice(1).reduce((sum, { requests }) => sum + requests, 0);
  return {
    metric,
    floors: floors.length,
    first: trend,
    fresh: again,
    isConfirmed: trend !== null && isConfirmed(trend, again) && (whole?.lateRatio ?? 1) >= leastLateRatio,
    perRequest: trend === null || sent === 0 ? null : (trend.slope * (first.length - 1)) / sent,
    lastFloor: (floorsOf(fresh, metric).at(-1) ?? floors.at(-1))?.value ?? null,
  };
}

/** Metrics that have a floor in any of the rounds. */
export function metricsOf({ first, fresh }: StagedRounds): string[] {
  return [...new Set([...first, ...fresh].flatMap(({ floors }) => Object.keys(floors)))];
}

/** Whose floor rose most from the first of the rounds to the last; null if nobody's did. */
export function grownHolder(holders: Footprint['holders'], rounds: readonly Round[]): string | null {
  const windows = rounds.flatMap(({ floorWindow }) => floorWindow ?? []);
  const [first] = windows;
  const last = windows.at(-1);
  let best: { holder: string; bytes: number } | null = null;
  for (const { holder, series } of holders) {
    const before = first === undefined ? null : floorIn(series, first);
    const after = last === undefined ? null : floorIn(series, last);
    const bytes = before === null || after === null ? 0 : after - before;
    if (bytes > 0 && (best === null || bytes > best.bytes)) {
      best = { holder, bytes };
    }
  }
  return best?.holder ?? null;
}
