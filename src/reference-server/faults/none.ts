import type { Fault } from './fault.ts';

const healthy = {
  'oom-kill': 'ok',
  'low-headroom': ['ok', 'not-applicable'],
  'growth-without-load': 'ok',
  'retained-memory': 'ok',
  'event-loop-stall': ['ok', 'not-applicable'],
  'queue-gauge-excess': ['ok', 'not-applicable'],
} as const;

/** The false-alarm row: no detector may warn or fail. */
export const none: Fault = {
  id: 'none',
  story: 'Nothing is broken: a bounded queue, a small pool, a gate on host memory.',
  service: null,
  knobs: {},
  fixes: {},
  fixed: [],
  expected: [{ profile: 'sustained-overload', memoryLimitMib: null, faulty: healthy, fixed: healthy }],
};
