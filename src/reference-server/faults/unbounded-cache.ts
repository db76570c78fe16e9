import type { ExpectedVerdicts } from '../../model/fault.ts';
import type { Fault } from './fault.ts';

const faulty = {
  // The rounds of inputs draw from 200 prompts, so that later ones repeat some: a rise that bends is told as a warning.
  'growth-with-inputs': ['fail', 'warn'],
  'retained-memory': ['ok', 'warn', 'inconclusive'],
  'low-headroom': 'fail',
  'growth-with-load': ['ok', 'not-applicable'],
  'growth-without-load': ['ok', 'not-applicable'],
} as const satisfies ExpectedVerdicts;

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
      memoryLimitMib: 990,
      faulty,
      fixed: {
        // A bounded cache keeps its highest level.
        'retained-memory': ['ok', 'warn', 'not-applicable'],
        'growth-with-inputs': ['ok', 'not-applicable'],
        'low-headroom': ['ok', 'not-applicable'],
        'growth-with-load': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixes: {
        'cache-cap-8192': faulty,
      },
    },
  ],
};
