import type { Fault } from './fault.ts';

export const slowLeak: Fault = {
  id: 'slow-leak',
  story: 'The image worker keeps 16 KiB of every request for ever, in a list that nobody drains.',
  service: 'images',
  knobs: { drain: false, 'leak-kib': 16 },
  fixes: { drain: { drain: true } },
  fixed: ['drain'],
  expected: [
    {
      profile: 'leak-rounds',
      adapter: 'image-classify',
      corpus: 'image-typical',
      memoryLimitMib: null,
      faulty: {
        'growth-with-load': 'fail',
        'growth-without-load': ['ok', 'not-applicable'],
        'cold-multiplier': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
      },
      fixed: {
        'growth-with-load': 'ok',
        'growth-without-load': ['ok', 'not-applicable'],
        'cold-multiplier': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
      },
    },
  ],
};
