import { inferWell, promptOf } from '../infer-calls.ts';
import type { FaultTrial, TrialServer } from './trial.ts';

/** As the fault and its fix set them. */
const replicas = 3;
const entryBytes = 2 * 1024 ** 2;
const capBytes = 32 * 1024 ** 2;
const promptsToFill = capBytes / entryBytes;
const promptsAfter = 24;

async function callEach(server: TrialServer, from: number, count: number): Promise<void> {
  for (let number = from; number < from + count; number += 1) {
    await inferWell(server, promptOf(number));
  }
}

export const unboundedCacheTrial: FaultTrial = {
  fault: 'unbounded-cache',
  measures: 'growth for each distinct prompt once the cap would be full',
  unit: 'bytes',
  memoryLimitBytes: null,
  args: ['--device', 'virtual', '--time-scale', '0.2'],
  cases: [
    { fixes: [], expected: { least: 0.9 * replicas * entryBytes, most: 1.1 * replicas * entryBytes } },
    { fixes: ['cache-cap'], expected: { most: 0.05 * replicas * entryBytes } },
    { fixes: ['cache-cap-8192'], expected: { least: 0.9 * replicas * entryBytes, most: 1.1 * replicas * entryBytes } },
  ],
  async measure(server) {
    await callEach(server, 0, promptsToFill);
    const fullBytes = server.anonBytes();
    const growth = async (from: number, count: number): Promise<number> => {
      await callEach(server, from, count);
      return server.anonBytes() - fullBytes;
    };
    const newBytes = await growth(promptsToFill, promptsAfter);
    const againBytes = await growth(promptsToFill + promptsAfter - 4, 4);
    if (againBytes - newBytes > entryBytes) {
      throw new Error('prompts that were seen before made the caches grow');
    }
    return newBytes / promptsAfter;
  },
};
