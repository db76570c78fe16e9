import type { RunResult } from '../model/result.ts';

const mebibyte = 1024 ** 2;

const curve = (longestMs: number, answers: number): { ratio: number; ms: number }[] =>
  [0, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.997]
    .filter((ratio) => 1 / (1 - ratio) <= answers)
    .map((ratio) => ({ ratio, ms: longestMs * (1 - 0.8 * (1 - ratio) ** 0.25) }));

/** Levels, rounds and curves as a believable run has them. */
export const sampleCurves: Pick<RunResult, 'memoryAgainstLoad' | 'roundLines' | 'latencyCurves'> = {
  memoryAgainstLoad: {
    points: [1, 2, 4, 6.1, 8, 9.8].map((inFlight, index) => ({
      stage: `level-${index + 1}`,
      inFlight,
      peakBytes: (228 + 41 * inFlight + (index % 2) * 6) * mebibyte,
      isCut: inFlight === 9.8,
    })),
    baseBytes: 226 * mebibyte,
    fit: {
      bytesPerInFlight: 41 * mebibyte,
      lowerBytesPerInFlight: 39 * mebibyte,
      upperBytesPerInFlight: 44 * mebibyte,
    },
  },
  roundLines: [
    {
      family: 'round',
      metric: 'footprint',
      floors: Array.from({ length: 8 }, (_, round) => ({
        round,
        stage: `round-${round + 1}`,
        startMs: round * 12_000,
        requests: 40,
        bytes: (260 + 26 * round + (round % 3) * 5) * mebibyte,
        isWarmup: round === 0,
      })),
      fit: {
        bytesPerRound: 26 * mebibyte,
        lowerBytesPerRound: 22 * mebibyte,
        upperBytesPerRound: 30 * mebibyte,
        interceptBytes: 265 * mebibyte,
      },
    },
  ],
  latencyCurves: [
    { stage: null, from: 'planned', answers: 307, points: curve(18_330, 307) },
    { stage: null, from: 'sent', answers: 307, points: curve(6200, 307) },
    { stage: 'hold', from: 'planned', answers: 238, points: curve(18_330, 238) },
  ],
};

/** How many of these may be in flight, told by the levels above. */
export const sampleCapacity: NonNullable<RunResult['capacity']> = {
  safeConcurrency: 9,
  isAtLeast: false,
  measuredConcurrency: 8,
  projectedConcurrency: 9,
  heldConcurrency: 8,
  askedConcurrency: 10,
  limitBytes: 704 * mebibyte,
  baseBytes: 226 * mebibyte,
  bytesPerInFlight: 41 * mebibyte,
  upperBytesPerInFlight: 44 * mebibyte,
  unit: 'requests',
  basis: '6 levels of load, level-1 1.0 to level-6 9.8 in flight',
  arithmetic: [
    'limit 704 MiB (cgroup v1 /bench-3f2a), of which 90 % are used: 634 MiB',
    '(634 MiB - 226 MiB) / 44.0 MiB = 9.27',
  ],
  confidence: 'medium',
  confidenceWhy: '6 points; their slopes have a range, no interval',
  perUnit: [{ unit: 'requests', bytes: 41 * mebibyte, lowerBytes: 39 * mebibyte, upperBytes: 44 * mebibyte }],
};
