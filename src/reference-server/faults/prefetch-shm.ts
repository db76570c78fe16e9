import type { Fault } from './fault.ts';

const asInTheIncident = { loaders: 4, batch: 24, prefetch: 4, stage: 'shm', 'self-throttle-ratio': 0 };

/** W x PF + 1 batches of decoded images wait where no process shows them. */
export const prefetchShm: Fault = {
  id: 'prefetch-shm',
  story: 'Four loaders keep four decoded batches each in /dev/shm, where no RSS shows them.',
  service: 'ingest',
  knobs: asInTheIncident,
  fixes: {
    batch: { batch: 4 },
    'disk-staging': { stage: 'disk' },
    'probe-commit': { 'probe-commit': true },
    'self-throttle': { 'self-throttle-ratio': 0.7 },
    // Both were tried: the model's batch is cut from what is loaded already, and the queue is not the pinned copy.
    'model-batch': { 'model-batch': 1 },
    'pin-off': { pin: false },
  },
  fixed: ['batch', 'disk-staging', 'probe-commit', 'self-throttle'],
  expected: [
    {
      profile: 'large-image-pull',
      faulty: {
        'shm-plateau': 'fail',
        'low-headroom': 'fail',
        'retained-memory': ['ok', 'not-applicable'],
        'locked-memory': ['ok', 'not-applicable'],
        'fd-exhaustion': ['ok', 'not-applicable'],
      },
      fixed: {
        'shm-plateau': ['ok', 'not-applicable'],
        'low-headroom': 'ok',
        'oom-kill': 'ok',
        'retained-memory': ['ok', 'not-applicable'],
        'locked-memory': ['ok', 'not-applicable'],
        'fd-exhaustion': ['ok', 'not-applicable'],
      },
    },
  ],
};
