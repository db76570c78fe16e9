import type { ExpectedVerdicts } from '../../model/fault.ts';
import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

const asInTheIncident = { loaders: 4, batch: 24, prefetch: 4, stage: 'shm', 'self-throttle-ratio': 0 };

const faulty = {
  'shm-plateau': 'fail',
  'low-headroom': 'fail',
  'retained-memory': ['ok', 'not-applicable'],
  'locked-memory': ['ok', 'not-applicable'],
  'fd-exhaustion': ['ok', 'not-applicable'],
  // 384 tasks are reserved, and at a second each the last ones are answered after their lease of 300 s.
  'unanswered-tasks': free,
} as const satisfies ExpectedVerdicts;

/** The tasks wait on the disk then, as many as before. */
const staged = {
  'shm-plateau': ['ok', 'not-applicable'],
  'low-headroom': 'ok',
  'oom-kill': 'ok',
  'unanswered-tasks': free,
} as const satisfies ExpectedVerdicts;

const killed = {
  ...faulty,
  'oom-kill': 'fail',
  'shm-plateau': free,
  // A job that died with its loader leaves tasks that nobody answers.
  'unanswered-tasks': free,
  'process-restart': free,
  'memory-stall': free,
} as const satisfies ExpectedVerdicts;

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
      // Above the 84 GiB that it takes, so that the plateau shows.
      memoryLimitMib: 94_000,
      faulty,
      fixed: {
        'shm-plateau': ['ok', 'not-applicable'],
        'low-headroom': 'ok',
        'oom-kill': 'ok',
        'retained-memory': ['ok', 'not-applicable'],
        'locked-memory': ['ok', 'not-applicable'],
        'fd-exhaustion': ['ok', 'not-applicable'],
      },
      fixes: {
        'disk-staging': staged,
        'model-batch': faulty,
        'pin-off': faulty,
      },
    },
    {
      profile: 'large-image-pull',
      // The 68 GB of the incident: the kill comes before half of them lay in /dev/shm for long enough.
      memoryLimitMib: 64_850,
      faulty: killed,
      early: ['low-headroom', 'shm-plateau'],
      fixed: { 'low-headroom': 'ok', 'oom-kill': 'ok', 'shm-plateau': ['ok', 'not-applicable'] },
      fixes: { 'disk-staging': staged, 'model-batch': killed, 'pin-off': killed },
    },
  ],
};
