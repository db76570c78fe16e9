import type { ExpectedVerdicts } from '../../model/fault.ts';
import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

const faulty = {
  'low-headroom': 'fail',
  'oom-kill': 'fail',
  'masked-failure': 'fail',
  // Inconclusive where every level was cut short by a kill.
  'concurrency-amplification': free,
  'event-loop-stall': ['ok', 'not-applicable'],
  'retained-memory': ['ok', 'not-applicable'],
} as const satisfies ExpectedVerdicts;

/** 80 + N x 512 MB under 704 MiB: one program fits, two do not. */
export const unboundedConcurrency: Fault = {
  id: 'unbounded-concurrency',
  story: 'Every request starts a program of up to 512 MiB at once, and a killed one is answered 200.',
  service: 'sandbox',
  knobs: { 'exec-slots': 0 },
  fixes: {
    'exec-slots': { 'exec-slots': 1 },
    // Counts connections and not programs: 1 and 2 starve the health probes, 3 lets two programs in.
    'limit-concurrency-1': { 'exec-connection-limit': 1 },
    'limit-concurrency-2': { 'exec-connection-limit': 2 },
    'limit-concurrency-3': { 'exec-connection-limit': 3 },
  },
  fixed: ['exec-slots'],
  expected: [
    {
      profile: 'execute-concurrency',
      memoryLimitMib: 704,
      faulty,
      fixed: {
        'low-headroom': ['ok', 'warn'],
        'oom-kill': 'ok',
        'masked-failure': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
        'retained-memory': ['ok', 'not-applicable'],
      },
      fixes: {
        'limit-concurrency-1': { 'probe-failure': 'fail' },
        'limit-concurrency-2': { 'probe-failure': 'fail', 'low-headroom': free },
        'limit-concurrency-3': { ...faulty, 'probe-failure': free },
      },
    },
  ],
};
