import { describe, expect, it } from 'vitest';
import { footprint, healthyArtifacts, line, mib, stageWindowsOf } from '../../testing/build.ts';
import { predictionOf } from './prediction.ts';

const stages = stageWindowsOf([
  ['base', 'idle', 30],
  ['load', 'load', 120],
  ['after', 'lull', 60],
]);
const inFlight = { tMs: Float64Array.of(0, 30_000, 150_000), values: Float64Array.of(0, 8, 0) };

const predict = (
  level: (second: number) => number | null,
  over: { guardStopMs?: number; limitMib?: number; seconds?: number } = {},
): ReturnType<typeof predictionOf> =>
  predictionOf(
    healthyArtifacts({
      stages,
      inFlight,
      footprint: footprint(
        line(over.seconds ?? 210, (second) => {
          const mebibytes = level(second);
          return mebibytes === null ? null : mebibytes * mib;
        }),
      ),
      limit: { bytes: (over.limitMib ?? 2048) * mib, source: 'cgroup v1 /trial', isCgroup: true },
    }),
    over.guardStopMs ?? null,
    1,
  );

/** 10 MiB/s for as long as the load goes on. */
const rising = (second: number): number => 100 + 10 * Math.max(0, Math.min(second, 150) - 30);

describe('the prediction', () => {
  it('tells the time to the limit of a rise that stays, with its interval', () => {
    const found = predict(rising);
    expect(found).toMatchObject({ why: null });
    // 1300 of 2048 MiB at the end of the load.
    expect(found?.timeToLimitS).toBeCloseTo(74.8, 0);
    const [low, high] = found?.timeToLimitCi95S ?? [0, 0];
    expect(low).toBeLessThanOrEqual(75);
    expect(high).toBeGreaterThanOrEqual(74.5);
  });

  it('tells the time to the limit of what grows with nothing in flight until the end', () => {
    // 10 MiB/s from 160 s on: 590 MiB of 2048 at the last reading.
    const found = predict((second) => 100 + 10 * Math.max(0, second - 160));
    expect(found).toMatchObject({ why: null });
    expect(found?.slopeBytesPerS).toBeCloseTo(10 * mib, -3);
    expect(found?.timeToLimitS).toBeCloseTo(145.8, 0);
    expect(found?.predictedAtMs).toBeCloseTo(354_800, -3);
  });

  it('tells no time of what grew with nothing in flight and then stood still', () => {
    const found = predict((second) => 100 + 10 * Math.max(0, Math.min(second, 180) - 160));
    expect(found).toMatchObject({
      timeToLimitS: null,
      why: expect.stringMatching(/^memory grew with nothing in flight until 3:0[0-3], and no further$/) as string,
    });
  });

  it('tells when the kill would have come where the guard stopped, whatever memory did after', () => {
    const found = predict((second) => (second > 130 ? 120 : rising(second)), { guardStopMs: 130_000, limitMib: 1200 });
    expect(found?.predictedAtMs).toBeCloseTo(140_000, -3);
    expect(found?.timeToLimitS).toBeCloseTo(10, 0);
  });

  it.each([
    {
      why: 'an overload whose queue is worked off',
      level: (second: number) => (second > 155 ? 200 : rising(second)),
      says: 'memory fell back when the load had ended',
    },
    {
      why: 'the noisy end of an overload that had settled',
      level: (second: number) => (second < 60 ? 100 : 700 + 40 * (second % 4) + (second > 146 ? 30 : 0)),
      says: 'memory did not rise beyond its own noise',
    },
    {
      why: 'a worker that loaded in the last minute',
      level: (second: number) => (second < 120 ? 300 : 800),
      says: 'memory did not rise beyond its own noise',
    },
    {
      why: 'a warm-up that comes to its end',
      level: (second: number) => (second < 90 ? 100 : 100 + 600 * (1 - Math.exp((90 - second) / 20))),
      says: 'the rise was already levelling off',
    },
  ])('projects nothing, and says why: $why', ({ level, says }) => {
    expect(predict(level)).toMatchObject({
      timeToLimitS: null,
      timeToLimitCi95S: null,
      predictedAtMs: null,
      why: says,
    });
  });

  it('takes less than a minute of load, times the scale, for its beginning', () => {
    const short = (scale: number): ReturnType<typeof predictionOf> =>
      predictionOf(
        healthyArtifacts({
          stages: stageWindowsOf([
            ['base', 'idle', 30],
            ['load', 'load', 40],
          ]),
          footprint: footprint(line(70, (second) => rising(second) * mib)),
        }),
        null,
        scale,
      );
    expect(short(1)).toMatchObject({ timeToLimitS: null, why: 'the load went on for less than 1 min 00 s' });
    expect(short(0.5)).toMatchObject({ timeToLimitS: expect.any(Number) as number, why: null });
  });

  it.each([
    { why: 'too few samples', level: () => 100, seconds: 10 },
    { why: 'only gaps', level: () => null, seconds: 210 },
  ])('is not there with $why', ({ level, seconds }) => {
    expect(predict(level, { seconds })).toBeNull();
  });
});
