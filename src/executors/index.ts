import type { Executor } from '../model/plan.ts';
import { burst } from './burst.ts';
import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import { perVuIterations } from './per-vu-iterations.ts';
import { rampingArrivalRate } from './ramping-arrival-rate.ts';
import { rampingVus } from './ramping-vus.ts';
import { sharedIterations } from './shared-iterations.ts';

export const executors: readonly Executor[] = [
  constantVus,
  rampingVus,
  sharedIterations,
  perVuIterations,
  constantArrivalRate,
  rampingArrivalRate,
  burst,
];
