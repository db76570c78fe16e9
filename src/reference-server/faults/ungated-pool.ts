import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

/** The sizes make ten children outgrow a limit of 1100 MiB, a quarter of which the gated server keeps free whatever clips come. */
export const ungatedPool: Fault = {
  id: 'ungated-pool',
  story: 'The cold pool grows with the queued audio and asks the card for room, never the host.',
  service: 'speech',
  knobs: { 'ram-gate': false, 'pool-size': 10, 'worker-mib': 96, 'weights-mib': 896 },
  fixes: { 'ram-gate': { 'ram-gate': true } },
  fixed: ['ram-gate'],
  expected: [
    {
      profile: 'sustained-overload',
      memoryLimitMib: 1100,
      faulty: {
        'oom-kill': 'fail',
        'low-headroom': 'fail',
        // What it brings about: killed workers answer 500, and the line through the levels points above the limit.
        'silent-failure': free,
        'process-restart': free,
        'concurrency-amplification': free,
        'event-loop-stall': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable', 'inconclusive'],
        'queue-gauge-excess': ['ok', 'not-applicable', 'inconclusive'],
      },
      early: ['low-headroom'],
      fixed: {
        'oom-kill': 'ok',
        'low-headroom': 'ok',
        'event-loop-stall': ['ok', 'not-applicable'],
        'growth-without-load': 'ok',
        'queue-gauge-excess': ['ok', 'not-applicable'],
      },
    },
  ],
};
