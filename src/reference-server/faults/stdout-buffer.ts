import type { ExpectedVerdicts } from '../../model/fault.ts';
import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

const faulty = {
  'low-headroom': 'fail',
  // Refused callers cost next to nothing: the line through the levels is flat, and 8 at once were not reached.
  'concurrency-amplification': free,
  'retained-memory': ['ok', 'not-applicable'],
} as const satisfies ExpectedVerdicts;

/** The slots stay, so that only what the front itself holds can grow. */
export const stdoutBuffer: Fault = {
  id: 'stdout-buffer',
  story: 'The front keeps all that a program prints until its end, and only then cuts it to 50 KiB.',
  service: 'sandbox',
  knobs: { 'stdout-cap-kib': 0 },
  fixes: {
    'stdout-cap': { 'stdout-cap-kib': 50 },
    // One flood at a time is a flood.
    'exec-slots': { 'exec-slots': 1 },
  },
  fixed: ['stdout-cap'],
  expected: [
    {
      profile: 'execute-concurrency',
      // Only floods: what the programs of execute-allocate take themselves is as near to the limit as what they print.
      corpus: 'execute-flood',
      memoryLimitMib: 704,
      faulty,
      fixed: {
        'low-headroom': ['ok', 'warn'],
        'oom-kill': 'ok',
        'retained-memory': ['ok', 'not-applicable'],
      },
      fixes: {
        'exec-slots': faulty,
      },
    },
  ],
};
