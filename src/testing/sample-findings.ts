import type { RunResult } from '../model/result.ts';

const mebibyte = 1024 ** 2;

/** In the order of their detectors, which is not the order of the page. */
export const sampleFindings: RunResult['findings'] = [
  {
    detector: 'retained-memory',
    verdict: 'warn',
    title: 'Memory stayed after the load',
    summary:
      '61 % of the memory of the load stayed after it. A second equal round would tell a leak from an allocator floor.',
    remedy: 'Run `bench run leak-rounds`.',
    value: 0.61,
    threshold: 0.5,
    unit: 'ratio',
    stage: 'silence',
    startedMs: null,
    evidence: { holder: 'front', retainedBytes: 212 * mebibyte },
  },
  {
    detector: 'growth-without-load',
    verdict: 'fail',
    title: 'Memory grows with nothing in flight',
    summary:
      'The front process grows by 20.4 MiB/s with nothing in flight. From 1:34 on no byte was received and one core was busy.',
    remedy: 'Look for a loop that puts work back into its queue without yielding.',
    value: 20.4,
    threshold: 1,
    unit: 'MiB/s',
    stage: 'silence',
    startedMs: 94_000,
    evidence: { holder: 'front', lowerBytesPerSecond: 19.8 * mebibyte, upperBytesPerSecond: 21 * mebibyte },
  },
  {
    detector: 'probe-failure',
    verdict: 'fail',
    title: 'The health question is not answered',
    summary: 'Health has not answered since 1:34: 9 of 9 questions timed out after 2 s.',
    remedy: 'Give the loop that answers health room, or let a liveness probe restart the process.',
    value: 2000,
    threshold: 1000,
    unit: 'ms',
    stage: 'burst',
    startedMs: 94_000,
    evidence: { holder: null, unanswered: 9 },
  },
  {
    detector: 'oom-kill',
    verdict: 'ok',
    title: 'No process was killed for memory',
    summary: 'The kernel counted no kill in the groups of the target.',
    remedy: 'None.',
    value: 0,
    threshold: 1,
    unit: 'kills',
    stage: null,
    startedMs: null,
    evidence: { holder: null },
  },
  {
    detector: 'process-restart',
    verdict: 'not-applicable',
    title: 'No process ended with work in flight',
    summary: 'The target was stopped by the guard.',
    remedy: '',
    value: null,
    threshold: null,
    unit: '',
    stage: null,
    startedMs: null,
    evidence: { holder: null },
  },
];
