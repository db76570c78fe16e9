import { lockedBytesOf, settledPeak, withPullJob } from '../pull-job.ts';
import type { FaultTrial } from './trial.ts';

const order = { width: 512, height: 384, bytes: 150_000, count: 8, tasks: 300 };
/** PF x B x I of one loader: 216 MiB. */
const formulaBytes = 4 * 24 * 12 * order.width * order.height;
const settledMs = 6000;

export const pinnedCopiesTrial: FaultTrial = {
  fault: 'pinned-copies',
  measures: 'locked bytes over PF x B x I per loader',
  unit: 'ratio',
  memoryLimitBytes: null,
  // A real card shows its pinned memory elsewhere; the virtual one locks what it hands out.
  args: ['--time-scale', '0.1', '--device', 'virtual', '--knob', 'loaders=1'],
  cases: [
    { fixes: [], expected: { least: 0.98, most: 1.02 } },
    { fixes: ['pin-off'], expected: { most: 0 } },
  ],
  measure: (server) =>
    withPullJob(server, order, async (api) => {
      const peakBytes = await settledPeak(api, settledMs, () =>
        server.processes().reduce((sum, { pid }) => sum + lockedBytesOf(pid), 0),
      );
      return peakBytes / formulaBytes;
    }),
};
