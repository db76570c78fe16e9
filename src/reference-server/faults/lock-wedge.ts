import type { ExpectedVerdicts } from '../../model/fault.ts';
import type { Fault } from './fault.ts';

const faulty = {
  'endpoint-wedge': 'fail',
  'event-loop-stall': ['ok', 'not-applicable'],
  'low-headroom': ['ok', 'not-applicable'],
  'oom-kill': 'ok',
  'growth-with-load': ['ok', 'not-applicable'],
  'growth-without-load': ['ok', 'not-applicable'],
  'retained-memory': ['ok', 'not-applicable'],
} as const satisfies ExpectedVerdicts;

export const lockWedge: Fault = {
  id: 'lock-wedge',
  story: 'Each call holds the lock of the model alone through its forward pass, and stats wait behind all of them.',
  service: 'weights',
  knobs: { 'infer-lock': 'exclusive', 'forward-s': 1 },
  fixes: {
    'read-lock': { 'infer-lock': 'shared' },
    // Callers are answered sooner, and the lock is as taken as before.
    'infer-timeout': { 'infer-timeout-s': 2, 'cancel-on-timeout': false },
  },
  fixed: ['read-lock'],
  expected: [
    {
      profile: 'sustained-overload',
      adapter: 'infer',
      corpus: 'infer-prompts',
      memoryLimitMib: null,
      faulty,
      fixed: {
        'endpoint-wedge': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
        'low-headroom': ['ok', 'not-applicable'],
        'oom-kill': 'ok',
        'growth-with-load': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
        'retained-memory': ['ok', 'not-applicable'],
      },
      fixes: {
        // The passes of callers that were answered wait for the lock all the same.
        'infer-timeout': { ...faulty, 'zombie-work': 'fail' },
      },
    },
  ],
};
