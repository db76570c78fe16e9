import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

/**
 * A loader needs B x (PF + 1) x 10 sockets as soon as it runs: 1200 at these numbers, where 1024
 * descriptors are allowed. Ten is the pool that a session of the usual HTTP library opens.
 */
export const fdExhaustion: Fault = {
  id: 'fd-exhaustion',
  story: 'Each download keeps a pool of sockets while its batch waits, under a limit of 1024 open files.',
  service: 'ingest',
  knobs: { loaders: 1, batch: 24, prefetch: 4, sockets: 'kept', 'download-sockets': 10, nofile: 1024 },
  fixes: { nofile: { nofile: 65_536 } },
  fixed: ['nofile'],
  expected: [
    {
      profile: 'large-image-pull',
      memoryLimitMib: null,
      faulty: {
        'fd-exhaustion': 'fail',
        // A task without a socket is posted as failed.
        'masked-failure': free,
        'oom-kill': 'ok',
        'growth-with-load': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
        'retained-memory': ['ok', 'not-applicable'],
      },
      fixed: {
        'fd-exhaustion': ['ok', 'not-applicable'],
        'oom-kill': 'ok',
        'growth-with-load': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
        'retained-memory': ['ok', 'not-applicable'],
      },
    },
  ],
};
