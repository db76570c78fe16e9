import { theilSen } from '../../base/statistics.ts';
import { deviceMetric } from '../../computed/round-metrics.ts';
import { isUnavailable } from '../../model/artifacts.ts';
import type { MemoryAgainstLoad, RoundLine } from '../../model/result.ts';
import type { RoundFamily } from '../../model/rounds.ts';
import type { RunArtifacts } from './artifacts.ts';

/** Fewer equal loads were not meant as rounds. */
const leastRounds = 3;

/** What the safe concurrency was fitted to; null where no level could be measured. */
export function memoryAgainstLoad({ ladder }: RunArtifacts): MemoryAgainstLoad | null {
  if (isUnavailable(ladder)) {
    return null;
  }
  const points = ladder.rungs.flatMap(({ stage, inFlight, peakBytes, isCut }) =>
    inFlight.requests === null ? [] : [{ stage, inFlight: inFlight.requests, peakBytes, isCut }],
  );
  const slope = ladder.slopes.find(({ unit }) => unit === 'requests');
  return points.length === 0
    ? null
    : {
        points,
        baseBytes: ladder.baseBytes,
        fit:
          slope === undefined
            ? null
            : {
                bytesPerInFlight: slope.bytes,
                lowerBytesPerInFlight: slope.lowerBytes,
                upperBytesPerInFlight: slope.upperBytes,
              },
      };
}

/** Settled memory after each equal load, on the host and on each device; empty where the profile has no rounds. */
export function roundLines({ rounds }: RunArtifacts): readonly RoundLine[] {
  if (isUnavailable(rounds)) {
    return [];
  }
  return rounds.families
    .filter((family) => family.rounds.length + (family.warmup === null ? 0 : 1) >= leastRounds)
    .flatMap((family) => metricsOf(family).map((metric) => lineOf(family, metric)))
    .filter(({ floors }) => floors.length > 1);
}

function metricsOf({ rounds }: RoundFamily): readonly string[] {
  const all = new Set(rounds.flatMap(({ floors }) => Object.keys(floors)));
  return [...all].filter((metric) => metric === 'footprint' || metric.startsWith(deviceMetric));
}

function lineOf({ name, warmup, rounds }: RoundFamily, metric: string): RoundLine {
  const all = [
    ...(warmup === null ? [] : [{ ...warmup, isWarmup: true }]),
    ...rounds.map((round) => ({ ...round, isWarmup: false })),
  ];
  const floors = all.flatMap(({ stage, startMs, requests, isWarmup, floors: levels }, round) => {
    const bytes = levels[metric];
    return bytes === undefined ? [] : [{ round, stage, startMs, requests, bytes, isWarmup }];
  });
  const judged = floors.filter(({ isWarmup }) => !isWarmup);
  const fit = theilSen(
    judged.map(({ round }) => round),
    judged.map(({ bytes }) => bytes),
  );
  return {
    family: name,
    metric,
    floors,
    fit:
      fit === null
        ? null
        : {
            bytesPerRound: fit.slope,
            lowerBytesPerRound: fit.lowerSlope,
            upperBytesPerRound: fit.upperSlope,
            interceptBytes: fit.intercept,
          },
  };
}
