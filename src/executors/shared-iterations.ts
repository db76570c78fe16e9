import type { Executor } from '../model/plan.ts';
import type { Load } from '../model/profile.ts';

export const sharedIterations: Executor<Extract<Load, { executor: 'shared-iterations' }>> = {
  id: 'shared-iterations',
  title: 'A fixed number of requests, shared by VUs that take the next one as they are free',
  loadModel: 'closed',
  draft: (load, { durationMs }) => ({
    model: 'closed',
    slots: load.vus,
    thinkMs: load.thinkMs,
    // The length of the stage is the longest that it may take.
    window: () => ({ fromMs: 0, toMs: durationMs }),
    perSlot: null,
    inAll: load.iterations,
  }),
  intended: (load) => ({ ratePerSecond: null, vus: load.vus }),
};
