import type { Fault } from './fault.ts';

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
      faulty: {
        'neighbour-failure': 'fail',
        'probe-failure': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixed: {
        'neighbour-failure': ['ok', 'not-applicable'],
        'probe-failure': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
    },
  ],
};
