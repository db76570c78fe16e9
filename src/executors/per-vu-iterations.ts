import type { Executor } from '../model/plan.ts';
import type { Load } from '../model/profile.ts';

export const perVuIterations: Executor<Extract<Load, { executor: 'per-vu-iterations' }>> = {
  id: 'per-vu-iterations',
  title: 'A fixed number of requests for each VU',
  loadModel: 'closed',
  draft: (load, { durationMs }) => ({
    model: 'closed',
    slots: load.vus,
    thinkMs: load.thinkMs,
    // The length of the stage is the longest that it may take.
    window: () => ({ fromMs: 0, toMs: durationMs }),
    perSlot: load.iterations,
    inAll: null,
  }),
  intended: (load) => ({ ratePerSecond: null, vus: load.vus }),
};
