import type { Executor } from '../model/plan.ts';
import type { Load } from '../model/profile.ts';
import { unitTimes } from './arrivals/unit-times.ts';

export const rampingArrivalRate: Executor<Extract<Load, { executor: 'ramping-arrival-rate' }>> = {
  id: 'ramping-arrival-rate',
  title: 'A rate of arrivals that changes evenly from one value to another',
  loadModel: 'open',
  draft(load, { random, durationMs, resolveRate }) {
    const from = resolveRate(load.fromRate);
    const to = resolveRate(load.toRate);
    const seconds = durationMs / 1000;
    // With a = from, s = (to - from) / seconds the integral is n(t) = a t + s t^2 / 2. Its inverse is written
    // as 2n / (a + sqrt(a^2 + 2 s n)), which does not cancel where s is small and needs no more than sqrt.
    const slope = (to - from) / seconds;
    const inverseMs = (count: number): number =>
      (2000 * count) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * count)));
    const times = unitTimes(load.arrivals, ((from + to) / 2) * seconds, random);
    return {
      model: 'open',
      arrivalsMs: times.map(inverseMs).filter((atMs) => atMs < durationMs),
      maxInFlight: load.maxInFlight,
    };
  },
  intended(load, elapsedMs, { durationMs, resolveRate }) {
    const from = resolveRate(load.fromRate);
    const share = Math.min(1, Math.max(0, elapsedMs / durationMs));
    return { ratePerSecond: from + (resolveRate(load.toRate) - from) * share, vus: null };
  },
};
