import type { ExpectedVerdicts } from '../../model/fault.ts';
import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

const faulty = {
  'neighbour-failure': 'fail',
  'retained-memory': 'fail',
  'low-headroom': free,
  'probe-failure': ['ok', 'not-applicable'],
  'growth-without-load': ['ok', 'not-applicable'],
} as const satisfies ExpectedVerdicts;

export const neighbourStarve: Fault = {
  id: 'neighbour-starve',
  story:
    'The idle model holder leaves the other tenant of the card too little to load its model, while all health is green.',
  service: 'model-cache',
  knobs: { 'ttl-s': 0, 'arena-growth': 'power-of-two', shrink: false, 'need-mib': 4455 },
  fixes: {
    'model-ttl': { 'ttl-s': 600 },
    // False: another step of growth, and the regions stay as before.
    'same-as-requested': { 'arena-growth': 'exact' },
  },
  fixed: ['model-ttl'],
  expected: [
    {
      profile: 'cotenant-starvation',
      memoryLimitMib: null,
      // The arena of the storm ends at 6.6 to 15.8 GiB, by the order of its shapes: with this the least is too much.
      knobs: { 'need-mib': 9800 },
      faulty,
      fixed: {
        'low-headroom': ['ok', 'fail'],
        'neighbour-failure': ['ok', 'not-applicable'],
        'probe-failure': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixes: {
        // Blocks of just the right size find no place between the others, and are refused.
        // In one order of a hundred less than half stays.
        'same-as-requested': { ...faulty, 'retained-memory': ['ok', 'fail'], 'silent-failure': free },
      },
    },
  ],
};
