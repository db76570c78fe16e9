import type { Executor } from '../model/plan.ts';
import type { Load } from '../model/profile.ts';

export const burst: Executor<Extract<Load, { executor: 'burst' }>> = {
  id: 'burst',
  title: 'N requests at once, once or again and again',
  loadModel: 'open',
  draft(load, { durationMs }) {
    const arrivalsMs = Array.from(
      { length: load.size * load.repeats },
      (_, index) => Math.floor(index / load.size) * load.everyMs,
    );
    return {
      model: 'open',
      arrivalsMs: arrivalsMs.filter((atMs) => atMs < durationMs),
      maxInFlight: load.maxInFlight,
    };
  },
  // A burst has a size but no rate.
  intended: () => ({ ratePerSecond: null, vus: null }),
};
