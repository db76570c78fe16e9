import { describe, expect, it } from 'vitest';
import { parseProfile, scaleProfile } from '../../model/parse-profile.ts';
import { warmup, withStages } from '../../testing/profile-text.ts';
import { profileDifferences } from './profile-differences.ts';

const profile = parseProfile(withStages(warmup), 'p.yaml', []);
const [first] = profile.stages;

describe('two profiles differ, in words', () => {
  it.each([
    { why: 'by nothing', other: profile, told: [] },
    {
      why: 'by their name alone',
      other: { ...profile, name: 'other', seed: 9 },
      told: [['profile', profile.name, 'other']],
    },
    {
      why: 'by their scale, without the durations that it alters',
      other: scaleProfile(profile, 0.5),
      told: [['scale', '1', '0.5']],
    },
    { why: 'by a field', other: { ...profile, seed: 9 }, told: [['profile seed', String(profile.seed), '9']] },
    {
      why: 'by a field of a stage',
      other: { ...profile, stages: [{ ...first, timeoutMs: 1 }, ...profile.stages.slice(1)] },
      told: [[`profile stages ${first?.name} timeoutMs`, String(first?.timeoutMs), '1']],
    },
    {
      why: 'by a stage that only one has',
      other: { ...profile, stages: profile.stages.slice(1) },
      told: [[`profile stages ${first?.name}`, first?.kind, 'not there']],
    },
  ])('$why', ({ other, told }) => {
    const found = profileDifferences(profile, other as typeof profile);
    expect(found.map(({ field, baseline, candidate }) => [field, baseline, candidate])).toEqual(told);
  });

  it('tells six fields and counts the others', () => {
    const thresholds = (value: 'warn' | 'off') =>
      Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`detector-${index}`, value]));
    const found = profileDifferences(
      { ...profile, thresholds: thresholds('warn') },
      { ...profile, thresholds: thresholds('off') },
    );
    expect(found).toHaveLength(7);
    expect(found.at(-1)?.field).toBe('profile, 3 fields more');
  });
});
