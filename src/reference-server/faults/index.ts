import type { Fault } from './fault.ts';
import { none } from './none.ts';
import { ungatedPool } from './ungated-pool.ts';

export const faults: readonly Fault[] = [none, ungatedPool];
