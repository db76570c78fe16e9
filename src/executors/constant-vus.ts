import type { Executor } from '../model/plan.ts';
import type { Load } from '../model/profile.ts';

export const constantVus: Executor<Extract<Load, { executor: 'constant-vus' }>> = {
  id: 'constant-vus',
  title: 'A fixed number of VUs, each sending its next request after the answer',
  loadModel: 'closed',
  draft: (load, { durationMs }) => ({
    model: 'closed',
    slots: load.vus,
    thinkMs: load.thinkMs,
    window: () => ({ fromMs: 0, toMs: durationMs }),
    perSlot: null,
    inAll: null,
  }),
  intended: (load) => ({ ratePerSecond: null, vus: load.vus }),
};
