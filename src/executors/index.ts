import type { Executor } from '../model/plan.ts';
import { burst } from './burst.ts';
import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import { rampingArrivalRate } from './ramping-arrival-rate.ts';

export const executors: readonly Executor[] = [constantVus, constantArrivalRate, rampingArrivalRate, burst];
