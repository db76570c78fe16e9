import type { Fault } from './fault.ts';

/** Where there is no swap the pages stay resident: the server says so, and the fault is a plain leak. */
export const swapHidden: Fault = {
  id: 'swap-hidden',
  story: 'Each call leaves memory behind that goes to swap at once, so that RSS stays flat.',
  service: 'weights',
  knobs: { 'leak-mib': 4, 'free-after-use': false },
  fixes: { 'free-after-use': { 'free-after-use': true } },
  fixed: ['free-after-use'],
  expected: [
    {
      profile: 'leak-rounds',
      // 4 MiB a call would be 41 GiB over the rounds; a sixteenth still leaves 160 MiB a round.
      knobs: { 'leak-mib': 0.25 },
      memoryLimitMib: null,
      faulty: {
        'growth-with-load': 'fail',
        'swapped-growth': 'fail',
        'retained-memory': ['ok', 'warn', 'inconclusive'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixed: {
        'growth-with-load': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
    },
  ],
};
