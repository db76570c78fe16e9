import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

/** PF x B x I per loader of memory that the kernel can neither swap nor reclaim. */
export const pinnedCopies: Fault = {
  id: 'pinned-copies',
  story: 'Every batch that waits in /dev/shm is copied once more into locked memory.',
  service: 'ingest',
  knobs: { loaders: 4, batch: 24, prefetch: 4, stage: 'shm', pin: true, 'self-throttle-ratio': 0 },
  fixes: { 'pin-off': { pin: false } },
  fixed: ['pin-off'],
  expected: [
    {
      profile: 'large-image-pull',
      memoryLimitMib: 245_760,
      // The last of the 384 tasks that are reserved are answered after their lease, pinned or not.
      faulty: {
        'unanswered-tasks': free,
        'locked-memory': 'fail',
        'retained-memory': ['ok', 'not-applicable'],
        'neighbour-failure': ['ok', 'not-applicable'],
      },
      // The queue in /dev/shm remains: what it brings about is free.
      fixed: {
        'unanswered-tasks': free,
        'locked-memory': ['ok', 'not-applicable'],
        'retained-memory': ['ok', 'not-applicable'],
        'neighbour-failure': ['ok', 'not-applicable'],
      },
    },
  ],
};
