import { setTimeout as sleep } from 'node:timers/promises';
import { infer, promptOf } from '../infer-calls.ts';
import type { FaultTrial, TrialServer } from './trial.ts';

/** As the fault sets them. */
const permits = 8;
const requestBytes = 16 * 1024 ** 2;
const rounds = 3;
/** A pass of 64 s before the time scale, where the timeout is 6 s. */
const words = 16_000;
const afterLastMs = 1000;
const retryMs = 20;
const mostRetries = 100;

/** A permit that is kept until the work stops comes back a step after its answer. */
async function untilTimedOut(server: TrialServer, number: number): Promise<void> {
  for (let attempt = 0; attempt < mostRetries; attempt += 1) {
    const reply = await infer(server, promptOf(number, words));
    if (reply.status === 504) {
      return;
    }
    if (reply.status !== 503) {
      throw new Error(`a call was answered ${reply.status} and not 504: ${reply.body.slice(0, 200)}`);
    }
    await sleep(retryMs);
  }
  throw new Error('no permit came back');
}

export const zombie504Trial: FaultTrial = {
  fault: 'zombie-504',
  measures: 'memory above the bound of the permits, 1 s after the last 504',
  unit: 'bytes',
  memoryLimitBytes: null,
  args: ['--device', 'virtual', '--time-scale', '0.2'],
  cases: [
    {
      fixes: [],
      expected: {
        least: 0.9 * (rounds - 1) * permits * requestBytes,
        most: 1.2 * (rounds - 1) * permits * requestBytes,
      },
    },
    { fixes: ['cancel-on-timeout'], expected: { most: 0 } },
  ],
  async measure(server) {
    const baseBytes = server.anonBytes();
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(Array.from({ length: permits }, (_, index) => untilTimedOut(server, round * permits + index)));
    }
    await sleep(afterLastMs);
    return Math.max(0, server.anonBytes() - baseBytes - permits * requestBytes);
  },
};
