import type { ExpectedVerdicts } from '../model/fault.ts';

/** Any verdict: what a fault brings about beside what it is planted for, and what depends on the moment. */
export const free: ExpectedVerdicts[string] = ['ok', 'warn', 'fail', 'not-applicable', 'inconclusive'];
