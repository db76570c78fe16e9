import type { ExpectedVerdicts } from '../../model/fault.ts';
import type { Fault } from './fault.ts';

const faulty = {
  'retained-memory': 'fail',
  // On the device nothing is near its end: a quarter of the card is free, and only the neighbour misses it.
  'low-headroom': ['ok', 'not-applicable'],
  'neighbour-failure': 'fail',
  'growth-without-load': ['ok', 'not-applicable'],
  'event-loop-stall': ['ok', 'not-applicable'],
} as const satisfies ExpectedVerdicts;

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
      memoryLimitMib: null,
      faulty,
      // The fix gives the memory back; the peak under load is the same.
      fixed: {
        'retained-memory': 'ok',
        'growth-without-load': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
      },
      fixes: {
        'same-as-requested': faulty,
        // What stays is the region of each model's last output, so that it depends on the order of the shapes.
        shrink: { ...faulty, 'retained-memory': ['fail', 'warn', 'ok'], 'neighbour-failure': ['fail', 'ok'] },
      },
    },
  ],
};
