import { free } from '../free-verdicts.ts';
import type { Fault } from './fault.ts';

/** Slow enough that the ghosts of two clips ask for a worker, as at the incident's rate of 16.5. */
export const phantomQueue: Fault = {
  id: 'phantom-queue',
  story: 'A clip that is put back is added to a gauge that it never left, so that the pool starts workers for no work.',
  service: 'speech',
  knobs: { 'self-idle': true, 'balanced-gauge': false, 'pool-size': 10, sps: 16.5 },
  fixes: { 'balanced-gauge': { 'balanced-gauge': true } },
  fixed: ['balanced-gauge'],
  expected: [
    {
      profile: 'longform-sustained',
      // Quicker than the incident's 8 s: the same ghosts then ask for two workers at once. The stagger keeps the whole
      // pool trusted beyond the lull, even where nearly all its places are taken, so that the burst meets ended workers.
      knobs: { 'cold-start-s': 4, 'stagger-s': 17 },
      memoryLimitMib: null,
      faulty: {
        // Workers for ghosts stay on the card as long as the ghosts do.
        'low-headroom': ['ok', 'warn'],
        'retained-memory': free,
        'queue-gauge-excess': 'fail',
        'spawn-without-work': 'fail',
        'event-loop-stall': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
      fixed: {
        'queue-gauge-excess': ['ok', 'not-applicable'],
        'spawn-without-work': ['ok', 'not-applicable'],
        'event-loop-stall': ['ok', 'not-applicable'],
        'growth-without-load': ['ok', 'not-applicable'],
      },
    },
  ],
};
