import { descriptorRatioOf, settledPeak, withPullJob } from '../pull-job.ts';
import type { FaultTrial } from './trial.ts';

const order = { width: 512, height: 64, bytes: 20_000, count: 8, tasks: 240 };

export const fdExhaustionTrial: FaultTrial = {
  fault: 'fd-exhaustion',
  measures: 'open descriptors of the fullest process over its soft limit',
  unit: 'ratio',
  memoryLimitBytes: null,
  args: ['--time-scale', '0.02'],
  cases: [
    { fixes: [], expected: { least: 0.9, most: 1 } },
    { fixes: ['nofile'], expected: { most: 0.9 } },
  ],
  measure: (server) =>
    withPullJob(server, order, (api) =>
      settledPeak(api, 4000, () => Math.max(...server.processes().map(({ pid }) => descriptorRatioOf(pid)))),
    ),
};
