import type { StageAchievement } from '../../model/plan.ts';
import type { Load, Rate } from '../../model/profile.ts';

/** A target that answers next to nothing still gets a request at times. */
const leastPerSecond = 0.001;

export type Achieved = ReadonlyMap<string, StageAchievement>;

export function ratesOf(load: Load | null): readonly { name: string; rate: Rate }[] {
  switch (load?.executor) {
    case 'constant-arrival-rate':
      return [{ name: 'rate', rate: load.rate }];
    case 'ramping-arrival-rate':
      return [
        { name: 'fromRate', rate: load.fromRate },
        { name: 'toRate', rate: load.toRate },
      ];
    case 'constant-vus':
    case 'ramping-vus':
    case 'shared-iterations':
    case 'per-vu-iterations':
    case 'burst':
    case undefined:
      return [];
  }
}

/** Requests of a load that has so many and no more; null where time is the bound. */
export function requestCount(load: Load): number | null {
  switch (load.executor) {
    case 'burst':
      return load.size * load.repeats;
    case 'shared-iterations':
      return load.iterations;
    case 'per-vu-iterations':
      return load.vus * load.iterations;
    case 'constant-vus':
    case 'ramping-vus':
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return null;
  }
}

/** Stages that a load's rates refer to, each once. */
export function refersTo(load: Load | null): readonly string[] {
  const names = ratesOf(load).flatMap(({ rate }) => (typeof rate === 'number' ? [] : [rate.of]));
  return [...new Set(names)];
}

/**
 * Requests per second. A rate taken from a measurement keeps two significant digits (PROTOCOL 3.2),
 * so that the small jitter of a measured capacity mostly gives the same rows run after run.
 */
export function resolveRate(rate: Rate, achieved: Achieved, meanAudioSeconds: number | null): number {
  if (typeof rate === 'number') {
    return rate;
  }
  const achievement = achieved.get(rate.of);
  if (achievement === undefined) {
    throw new Error(`A rate refers to stage ${rate.of}, which achieved nothing yet.`);
  }
  const measured =
    rate.unit === 'requests'
      ? achievement.requestsPerSecond
      : achievement.audioSecondsPerSecond / (meanAudioSeconds ?? Number.NaN);
  return Math.max(leastPerSecond, Number((rate.times * measured).toPrecision(2)));
}
