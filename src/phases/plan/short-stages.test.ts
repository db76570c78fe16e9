import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProfile, scaleProfile } from '../../model/parse-profile.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import { profile, stage } from '../../testing/build.ts';
import { shortStages } from './short-stages.ts';

const shipped = (name: string): ResolvedProfile =>
  parseProfile(readFileSync(`profiles/${name}.yaml`, 'utf8'), name, ['low-headroom']);

describe('what the stages of a run are too short for', () => {
  it.each([
    { why: 'rounds as they are written', name: 'leak-rounds', scale: 1, says: [] },
    { why: 'rounds at a fifth', name: 'leak-rounds', scale: 0.2, says: [] },
    {
      why: 'rounds that leave no floor',
      name: 'leak-rounds',
      scale: 0.04,
      says: [
        'growth-with-load will not be judged: it needs 6 samples in the quiet time after each round, which lasts 600 ms, at one sample every 250 ms. The least --scale that is long enough is 0.1.',
      ],
    },
    { why: 'a profile without rounds', name: 'execute-concurrency', scale: 0.01, says: [] },
  ])('is told before the run: $why', ({ name, scale, says }) => {
    const parsed = shipped(name);
    expect(shortStages((at) => scaleProfile(parsed, at), scale)).toEqual(says);
  });

  it.each([
    { why: 'it is required and too short', requires: ['growth-without-load'], lullMs: 30_000, scale: 0.05, count: 1 },
    { why: 'it is required and long enough', requires: ['growth-without-load'], lullMs: 30_000, scale: 0.5, count: 0 },
    { why: 'nobody requires it', requires: [], lullMs: 30_000, scale: 0.05, count: 0 },
  ])('counts time without load where $why', ({ requires, lullMs, scale, count }) => {
    const load = { executor: 'constant-vus', vus: 1, thinkMs: 0 } as const;
    const stages = [{ ...stage('load', 'load', 60_000), load }, stage('lull', 'lull', lullMs)];
    const whole = profile({ requires, stages });
    expect(shortStages((at) => scaleProfile(whole, at), scale)).toHaveLength(count);
  });

  it('names no scale where even the whole profile is too short', () => {
    const load = { executor: 'shared-iterations', vus: 1, iterations: 1, thinkMs: 0 } as const;
    const stages = [1, 2, 3, 4, 5, 6].flatMap((round) => [
      { ...stage(`round-${round}`, 'load', 1000), load },
      stage(`floor-${round}`, 'lull', 1000),
    ]);
    const [warning] = shortStages((at) => scaleProfile(profile({ stages }), at), 1);
    expect(warning).toContain('Sample more often, or lengthen these stages.');
  });
});
