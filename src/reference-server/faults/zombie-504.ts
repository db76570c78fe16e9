import type { Fault } from './fault.ts';

/** Eight permits bound 128 MiB; a prompt of more than 1475 words takes longer than the timeout. */
export const zombie504: Fault = {
  id: 'zombie-504',
  story: 'At the timeout the caller gets a 504 and the next one its permit, while the pass runs on with its memory.',
  service: 'weights',
  knobs: {
    'cancel-on-timeout': false,
    'infer-timeout-s': 6,
    'infer-permits': 8,
    'request-mib': 16,
    'forward-s-per-1k-tokens': 4,
  },
  fixes: { 'cancel-on-timeout': { 'cancel-on-timeout': true } },
  fixed: ['cancel-on-timeout'],
  expected: [
    {
      profile: 'sustained-overload',
      adapter: 'infer',
      corpus: 'infer-prompts',
      memoryLimitMib: null,
      faulty: {
        'zombie-work': 'fail',
        'event-loop-stall': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixed: {
        'zombie-work': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
    },
  ],
};
