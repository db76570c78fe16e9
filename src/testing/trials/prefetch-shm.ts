import { settledPeak, stagedShmBytes, withPullJob } from '../pull-job.ts';
import type { FaultTrial } from './trial.ts';

const order = { width: 768, height: 512, bytes: 300_000, count: 8, tasks: 400 };
const loaders = 2;
/** (W x PF + 1) x B x I of the fault with two loaders: 972 MiB. */
const formulaBytes = (loaders * 4 + 1) * 24 * 12 * order.width * order.height;
/** Longer than a loader takes for a batch on a slow host. */
const settledMs = 6000;

export const prefetchShmTrial: FaultTrial = {
  fault: 'prefetch-shm',
  measures: 'plateau of /dev/shm over (W x PF + 1) x B x I',
  unit: 'ratio',
  // The faulty server fits, so that its plateau shows; 40 % of it are what a fix may keep there.
  memoryLimitBytes: 1750 * 1024 ** 2,
  args: ['--time-scale', '0.1', '--knob', `loaders=${loaders}`],
  cases: [
    { fixes: [], expected: { least: 0.98, most: 1.02 } },
    { fixes: ['batch'], expected: { most: 0.18 } },
    { fixes: ['disk-staging'], expected: { most: 0 } },
    { fixes: ['probe-commit'], expected: { most: 0.75 } },
    { fixes: ['self-throttle'], expected: { most: 0.75 } },
    { fixes: ['fixed'], expected: { most: 0 } },
    { fixes: ['model-batch'], expected: { least: 0.98 } },
    { fixes: ['pin-off'], expected: { least: 0.98 } },
  ],
  measure: (server) =>
    withPullJob(server, order, async (api) => {
      const peakBytes = await settledPeak(api, settledMs, () => stagedShmBytes(server.pid));
      return peakBytes / formulaBytes;
    }),
};
