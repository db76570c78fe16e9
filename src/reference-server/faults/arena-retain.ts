import type { ExpectedVerdicts } from '../../model/fault.ts';
import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

/**
 * The arena of the storm ends at 6.6 to 15.8 GiB, by the order of its shapes, so that this card is always nearly full;
 * where it would be more than full, some of the shapes are refused.
 */
const cardMib = 8192;

const faulty = {
  'retained-memory': 'fail',
  'low-headroom': ['warn', 'fail'],
  'neighbour-failure': 'fail',
  'silent-failure': free,
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
      deviceMib: cardMib,
      faulty,
      // The fix gives the memory back; the peak under load is the same.
      fixed: {
        'low-headroom': ['ok', 'fail'],
        'silent-failure': free,
        'retained-memory': 'ok',
        'growth-without-load': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
      },
      fixes: {
        // Blocks of just the right size find no place between the others, and are refused.
        'same-as-requested': { ...faulty, 'low-headroom': free },
        // What stays is the region of each model's last output, so that it depends on the order of the shapes.
        shrink: {
          ...faulty,
          'retained-memory': ['fail', 'warn', 'ok'],
          'neighbour-failure': ['fail', 'ok'],
          'low-headroom': free,
        },
      },
    },
  ],
};
