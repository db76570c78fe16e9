import type { ExpectedVerdicts } from '../../model/fault.ts';
import type { Fault } from './fault.ts';

const faulty = {
  'neighbour-failure': 'fail',
  'retained-memory': 'fail',
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
      faulty,
      fixed: {
        'neighbour-failure': ['ok', 'not-applicable'],
        'probe-failure': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixes: {
        'same-as-requested': faulty,
      },
    },
  ],
};
