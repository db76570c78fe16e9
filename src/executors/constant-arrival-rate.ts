import type { Executor } from '../model/plan.ts';
import type { Load } from '../model/profile.ts';
import { unitTimes } from './arrivals/unit-times.ts';

export const constantArrivalRate: Executor<Extract<Load, { executor: 'constant-arrival-rate' }>> = {
  id: 'constant-arrival-rate',
  title: 'A fixed rate of arrivals that do not wait for answers',
  loadModel: 'open',
  draft(load, { random, durationMs, resolveRate }) {
    const perSecond = resolveRate(load.rate);
    const times = unitTimes(load.arrivals, (perSecond * durationMs) / 1000, random);
    return {
      model: 'open',
      arrivalsMs: times.map((time) => (time * 1000) / perSecond).filter((atMs) => atMs < durationMs),
      maxInFlight: load.maxInFlight,
    };
  },
  intended: (load, _elapsedMs, { resolveRate }) => ({ ratePerSecond: resolveRate(load.rate), vus: null }),
};
