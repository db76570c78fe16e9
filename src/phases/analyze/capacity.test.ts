import { describe, expect, it } from 'vitest';
import { footprint, healthyArtifacts, line, mib } from '../../testing/build.ts';
import { capacityResult } from './capacity.ts';

const { ladder } = healthyArtifacts();
const slope = {
  unit: 'requests',
  bytes: 40 * mib,
  lowerBytes: 39 * mib,
  upperBytes: 41 * mib,
  points: 4,
  isSuperlinear: false,
} as const;
const rung = (stage: string, requests: number) => ({
  stage,
  startMs: 30_000,
  endMs: 90_000,
  inFlight: { requests, bytes: null, audioSeconds: null, megapixels: null },
  sustainedRequests: requests,
  peakBytes: (100 + 40 * requests) * mib,
  isCut: false,
});
const levels = { ...ladder, rungs: [rung('one', 1), rung('four', 4)], slopes: [slope] };

/** 100 MiB at rest from 92 s on, and what `growth` adds each second. */
const capacityWith = (growthMib: number) =>
  capacityResult(
    healthyArtifacts({
      ladder: levels,
      footprint: footprint(
        line(150, (second) => (second >= 32 && second < 92 ? 260 : 100 + growthMib * Math.max(0, second - 92)) * mib),
      ),
    }),
    1,
    null,
  );

describe('the capacity of a run', () => {
  it('is told where memory rests when nothing is in flight', () => {
    expect(capacityWith(0)).toMatchObject({ capacity: { safeConcurrency: 16 }, capacityUnknown: null });
  });

  it('is told where it moves by less than a collector leaves lying about', () => {
    expect(capacityWith(1.05).capacityUnknown).toBeNull();
  });

  it('is not told where memory grows with nothing in flight, which fills any limit', () => {
    const { capacity, capacityUnknown } = capacityWith(3);
    expect(capacity).toBeNull();
    expect(capacityUnknown).toMatch(
      /^memory grows with nothing in flight: by 3\.0 MiB\/s from 1:3\d on, so that it fills its limit however few are at once$/,
    );
  });
});
