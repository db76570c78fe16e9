import { createRandom } from '../../base/random.ts';
import { quantile } from '../../base/statistics.ts';
import { growthBefore, timeToLimit } from '../../computed/growth.ts';
import { mib } from '../build.ts';
import { autoregressive } from './noise.ts';

const baseMebibytes = 200;
const limitMebibytes = 2200;
const memories = [0, 0.5, 0.8];

export interface PredictionResult {
  memory: number;
  runs: number;
  /** Ramps for which a time was given. */
  answered: number;
  /** Share of all ramps whose time is off by at most 15 %. */
  withinRatio: number;
  medianErrorRatio: number | null;
  p90ErrorRatio: number | null;
  /** Share of all ramps whose true time lies in the 95 % interval. */
  coveredRatio: number;
}

/** Straight ramps to the limit within 2 to 20 min, with noise of 2 to 10 MiB, asked at half of the way. */
export function measurePrediction(memory: number, series: number): PredictionResult {
  const errors: number[] = [];
  let covered = 0;
  for (let seed = 0; seed < series; seed += 1) {
    const random = createRandom(`ramp ${memory} ${seed}`);
    const secondsToLimit = 120 + 1080 * random.real();
    const noise = autoregressive(random, Math.ceil(secondsToLimit / 2) + 1, memory, 2 + 8 * random.real());
    const perSecond = (limitMebibytes - baseMebibytes) / secondsToLimit;
    const total = {
      tMs: Float64Array.from(noise, (_, second) => second * 1000),
      values: Float64Array.from(noise, (value, second) => (baseMebibytes + perSecond * second + value) * mib),
    };
    const nowMs = total.tMs.at(-1) ?? 0;
    const trueMs = secondsToLimit * 1000 - nowMs;
    const line = growthBefore(total, nowMs, 0, 1);
    const eta = line === null ? null : timeToLimit(line.fit, limitMebibytes * mib);
    if (eta?.etaMs != null) {
      errors.push(Math.abs(eta.etaMs - trueMs) / trueMs);
    }
    const isCovered =
      eta !== null &&
      (eta.lowerMs ?? Number.POSITIVE_INFINITY) <= trueMs &&
      trueMs <= (eta.upperMs ?? Number.POSITIVE_INFINITY);
    covered += Number(isCovered);
  }
  return {
    memory,
    runs: series,
    answered: errors.length,
    withinRatio: errors.filter((error) => error <= 0.15).length / series,
    medianErrorRatio: quantile(errors, 0.5),
    p90ErrorRatio: quantile(errors, 0.9),
    coveredRatio: covered / series,
  };
}

export function measurePredictions(series: number): PredictionResult[] {
  return memories.map((memory) => measurePrediction(memory, series));
}
