import type { Fault } from './fault.ts';

export const unboundedCache: Fault = {
  id: 'unbounded-cache',
  story: 'Each of three replicas keeps an entry of every prompt that it ever saw.',
  service: 'weights',
  knobs: { 'cache-replicas': 3, 'entry-mib': 2, 'cache-mib': 0 },
  fixes: {
    'cache-cap': { 'cache-mib': 32 },
    // A cap there was in the incident: above the limit of the whole container, and once for each replica.
    'cache-cap-8192': { 'cache-mib': 8192 },
  },
  fixed: ['cache-cap'],
  expected: [
    {
      profile: 'leak-rounds',
      faulty: {
        'growth-with-inputs': 'fail',
        'low-headroom': 'fail',
        'growth-with-load': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixed: {
        'growth-with-inputs': ['ok', 'not-applicable'],
        'low-headroom': ['ok', 'not-applicable'],
        'growth-with-load': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
    },
  ],
};
