import type { Verdict } from '../../model/detector.ts';

/** Any verdict: what a fault brings about beside what it is planted for, and what depends on the moment. */
export const free: readonly Verdict[] = ['ok', 'warn', 'fail', 'not-applicable', 'inconclusive'];
