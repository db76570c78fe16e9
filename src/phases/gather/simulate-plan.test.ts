import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../base/virtual-clock.ts';
import type { ServerModel } from '../../engines/simulated/server-model.ts';
import { simulatedEngine } from '../../engines/simulated/simulated.ts';
import { executors } from '../../executors/index.ts';
import { parseProfile } from '../../model/parse-profile.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import { rawAdapter, streamedItem } from '../../testing/contract-rows.ts';
import { detectorIds, withStages } from '../../testing/profile-text.ts';
import { compilePlan } from '../plan/plan.ts';
import { type Simulation, simulatePlan } from './simulate-plan.ts';

/** Two seconds of audio each. */
const items = Array.from({ length: 5 }, (_, index) => streamedItem(`item-${index}`, 1000));
const corpus = { name: 'c', title: 'c', digest: 'd', items };

function simulate(profile: ResolvedProfile, over: Partial<ServerModel> = {}): Promise<Simulation> {
  return simulatePlan({
    profile,
    corpus,
    plan: compilePlan({ profile, corpus, executors }),
    compile: (stages) => compilePlan({ profile: { ...profile, stages, search: null }, corpus, executors }),
    adapter: rawAdapter,
    engine: simulatedEngine({ slots: 2, baseMs: 0, msPerAudioSecond: 500, msPerMebibyte: 0, ...over }),
    clock: virtualClock(),
  });
}

const profileOf = (...stages: string[]): ResolvedProfile =>
  parseProfile(withStages(...stages), 'profiles/x.yaml', detectorIds);
const base = 'name: base, kind: idle, for: 10s';
const warm = 'name: warm, kind: warmup, executor: constant-vus, vus: 2, for: 60s';
const overload =
  'name: overload, kind: load, executor: constant-arrival-rate, rate: 1.5 x warm rps, arrivals: uniform, for: 20m, timeout: 2m';
const drain = 'name: drain, kind: cooldown, for: 5m';

describe('a simulated plan', () => {
  it('tells twenty minutes of overload in moments', async () => {
    const startedMs = performance.now();
    const { stages, skipped } = await simulate(profileOf(base, warm, overload, drain));
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(skipped).toEqual([]);
    expect(stages.map(({ name, durationMs }) => [name, durationMs])).toMatchObject([
      ['base', 10_000],
      ['warm', 60_000],
      ['overload', 1_200_000],
      ['drain', expect.any(Number)],
    ]);
    const [idle, closed, open, cooldown] = stages;
    expect(idle).toMatchObject({ offeredPerSecond: null, achievedPerSecond: null, planned: 0, p95Ms: null });
    // Two slots that take a second each; one and a half times as much is offered.
    expect(closed).toMatchObject({ mostInFlight: 2, p95Ms: 1000 });
    expect(closed?.achievedPerSecond).toBeCloseTo(2, 1);
    expect(open?.offeredPerSecond).toBeCloseTo(3, 0);
    expect(open?.achievedPerSecond).toBeLessThanOrEqual(2.01);
    expect((open?.dropped ?? 0) + (open?.timeouts ?? 0)).toBeGreaterThan(1000);
    expect((open?.answered ?? 0) + (open?.dropped ?? 0) + (open?.timeouts ?? 0)).toBe(open?.planned);
    expect(cooldown?.durationMs).toBeLessThan(300_000);
  });

  it('is the same whenever it is told', async () => {
    const profile = profileOf(base, warm, drain);
    expect(await simulate(profile)).toEqual(await simulate(profile));
  });

  it('skips a stage whose rate refers to one that was not answered', async () => {
    const { stages, skipped } = await simulate(profileOf(warm, overload), { baseMs: 1e9 });
    expect(skipped).toEqual(['overload']);
    expect(stages.map(({ name }) => name)).toEqual(['warm']);
  });

  it('searches the capacity of the declared server', async () => {
    const search = { fromVus: 1, toVus: 32, factor: 2, stepMs: 20_000, lullMs: 1000, p95Ms: null, errorRatio: 0.01 };
    const { search: found, stages } = await simulate({ ...profileOf(base), search }, { slots: 4 });
    expect(found).toMatchObject({ lastGoodVus: 4, kneeVus: 4, firstBrokenVus: 5 });
    expect(stages.map(({ name }) => name)).toContain('step-3');
  });
});
