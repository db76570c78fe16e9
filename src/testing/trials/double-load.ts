import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import { infer, promptOf } from '../infer-calls.ts';
import type { FaultTrial } from './trial.ts';

const callers = 4;
const weightsBytes = 256 * 1024 ** 2;
const lookEveryMs = 25;

/** The peak of one first call is the weights, so no second server is needed to divide by it. */
export const doubleLoadTrial: FaultTrial = {
  fault: 'double-load',
  measures: 'peak of four simultaneous first calls over the weights',
  unit: 'ratio',
  memoryLimitBytes: null,
  args: ['--device', 'virtual', '--time-scale', '0.5'],
  cases: [
    { fixes: [], expected: { least: 2, most: 4.4 } },
    { fixes: ['single-flight'], expected: { least: 0.9, most: 1.1 } },
    { fixes: ['single-flight', 'eager-load', 'memcheck'], expected: { least: 0.9, most: 1.1 } },
    { fixes: ['memcheck'], expected: { least: 2, most: 4.4 } },
  ],
  async measure(server) {
    // What was loaded before the port was open belongs to the peak, not to the base.
    const baseBytes = server.anonBytes() - ((await server.metric('headroom_infer_weights_bytes')) ?? 0);
    let waiting = callers;
    const calls = Promise.allSettled(
      Array.from({ length: callers }, async (_, index) => {
        try {
          return (await infer(server, promptOf(index))).status;
        } finally {
          waiting -= 1;
        }
      }),
    );
    let peakBytes = server.anonBytes();
    while (waiting > 0) {
      await sleep(lookEveryMs);
      peakBytes = Math.max(peakBytes, server.anonBytes());
    }
    for (const call of await calls) {
      if (call.status === 'rejected' || call.value !== 200) {
        throw new Error(`a first call failed: ${call.status === 'rejected' ? messageOf(call.reason) : call.value}`);
      }
    }
    return (peakBytes - baseBytes) / weightsBytes;
  },
};
