import type { ExpectedVerdicts } from '../../model/fault.ts';
import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

const faulty = {
  'probe-failure': 'fail',
  'low-headroom': ['ok', 'not-applicable'],
  'oom-kill': ['ok', 'not-applicable'],
  'retained-memory': ['ok', 'not-applicable'],
  'growth-with-load': ['ok', 'not-applicable'],
  'growth-without-load': ['ok', 'not-applicable'],
} as const satisfies ExpectedVerdicts;

/** The limit counts the arriving connection too: at 1 it is always reached. */
export const limitConcurrency1: Fault = {
  id: 'limit-concurrency-1',
  story: 'A limit on open connections stands in for one on programs, and answers 503 to the health probes.',
  service: 'sandbox',
  knobs: { 'exec-slots': 0, 'exec-connection-limit': 1 },
  fixes: {
    // One program, the probes, and as many idle keep-alive connections as a harness may hold.
    'connection-limit': { 'exec-connection-limit': 100 },
    'exec-slots': { 'exec-slots': 1 },
    'connection-limit-2': { 'exec-connection-limit': 2 },
    'connection-limit-3': { 'exec-connection-limit': 3 },
  },
  fixed: ['connection-limit', 'exec-slots'],
  expected: [
    {
      profile: 'execute-concurrency',
      memoryLimitMib: 704,
      faulty,
      fixed: {
        'probe-failure': ['ok', 'not-applicable'],
        'low-headroom': ['ok', 'warn'],
        'oom-kill': 'ok',
        'retained-memory': ['ok', 'not-applicable'],
        'growth-with-load': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixes: {
        // Health is heard again, and programs are as unbounded as in unbounded-concurrency.
        'connection-limit': {
          'probe-failure': ['ok', 'not-applicable'],
          'oom-kill': 'fail',
          'low-headroom': 'fail',
          'masked-failure': free,
          'concurrency-amplification': free,
        },
        'exec-slots': faulty,
        'connection-limit-2': { ...faulty, 'low-headroom': free, 'oom-kill': free, 'masked-failure': free },
        'connection-limit-3': {
          'concurrency-amplification': free,
          'probe-failure': free,
          'oom-kill': 'fail',
          'low-headroom': 'fail',
          'masked-failure': free,
        },
      },
    },
  ],
};
