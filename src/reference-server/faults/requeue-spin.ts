import type { ExpectedVerdicts } from '../../model/fault.ts';
import type { Fault } from './fault.ts';

const faulty = {
  'growth-without-load': 'fail',
  'event-loop-stall': 'fail',
  'probe-failure': 'fail',
  // What the spin keeps stays, and its core works for nobody.
  'retained-memory': ['ok', 'warn', 'inconclusive', 'not-applicable'],
  'zombie-work': ['ok', 'fail', 'inconclusive', 'not-applicable'],
  'queue-gauge-excess': ['ok', 'not-applicable', 'inconclusive'],
  'spawn-without-work': ['ok', 'not-applicable', 'inconclusive'],
} as const satisfies ExpectedVerdicts;

/** Ten places, of which the card fills six: the free ones are the time for which the pool trusts dead workers. */
export const requeueSpin: Fault = {
  id: 'requeue-spin',
  story:
    'A clip that meets a dead cold worker is put back and taken again for ever, so that the front hears nobody and grows.',
  service: 'speech',
  knobs: { 'self-idle': true, 'requeue-yields': false, 'ram-gate': false, 'pool-size': 10 },
  fixes: {
    'yield-on-skip': { 'requeue-yields': true },
    // The clip is lost to its client, who gets 503, but the spin ends.
    'retry-cap': { 'retry-cap': 1 },
    // It caps the children, and it is the front that grows.
    'ram-gate': { 'ram-gate': true },
  },
  fixed: ['yield-on-skip'],
  expected: [
    {
      profile: 'longform-sustained',
      memoryLimitMib: null,
      faulty,
      fixed: {
        'growth-without-load': 'ok',
        'event-loop-stall': ['ok', 'not-applicable'],
        'probe-failure': ['ok', 'not-applicable'],
        'queue-gauge-excess': ['ok', 'not-applicable'],
        'spawn-without-work': ['ok', 'not-applicable'],
      },
      fixes: {
        // It caps the children, and the front spins as before.
        'ram-gate': faulty,
      },
    },
  ],
};
