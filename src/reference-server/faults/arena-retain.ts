import type { Fault } from './fault.ts';

export const arenaRetain: Fault = {
  id: 'arena-retain',
  story: 'The model holder keeps its models for ever, and their arenas keep the memory of the largest image so far.',
  service: 'model-cache',
  knobs: { 'ttl-s': 0, 'arena-growth': 'power-of-two', shrink: false },
  fixes: {
    'model-ttl': { 'ttl-s': 600 },
    // False: another step of growth, and the regions stay as before.
    'same-as-requested': { 'arena-growth': 'exact' },
    // False: the region that a run's output lies in, and the first one, stay.
    shrink: { shrink: true },
  },
  fixed: ['model-ttl'],
  expected: [
    {
      profile: 'cotenant-starvation',
      faulty: {
        'retained-memory': 'fail',
        'low-headroom': ['fail', 'warn'],
        'growth-without-load': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
      },
      // The fix gives the memory back; the peak under load is the same.
      fixed: {
        'retained-memory': 'ok',
        'growth-without-load': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
      },
    },
  ],
};
