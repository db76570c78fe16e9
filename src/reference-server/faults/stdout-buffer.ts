import type { Fault } from './fault.ts';

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
      faulty: {
        'low-headroom': 'fail',
        'retained-memory': ['ok', 'not-applicable'],
      },
      fixed: {
        'low-headroom': ['ok', 'warn'],
        'oom-kill': 'ok',
        'retained-memory': ['ok', 'not-applicable'],
      },
    },
  ],
};
