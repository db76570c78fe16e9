import { readFileSync } from 'node:fs';
import { inferWell, promptOf } from '../infer-calls.ts';
import type { FaultTrial, TrialServer } from './trial.ts';

/** As the fault sets it. */
const leakBytes = 4 * 1024 ** 2;
const warmupCalls = 20;
const calls = 40;

async function callOneByOne(server: TrialServer, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await inferWell(server, promptOf(index));
  }
}

export const swapHiddenTrial: FaultTrial = {
  fault: 'swap-hidden',
  measures: 'growth of RssAnon and VmSwap together per call',
  unit: 'bytes',
  memoryLimitBytes: null,
  args: ['--device', 'virtual', '--time-scale', '0.1'],
  cases: [
    { fixes: [], expected: { least: 0.9 * leakBytes, most: 1.1 * leakBytes } },
    { fixes: ['free-after-use'], expected: { most: 0.05 * leakBytes } },
  ],
  async measure(server) {
    const swapKib = /^SwapTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    if (swapKib === undefined || swapKib === '0') {
      throw new Error('not applicable: no swap');
    }
    await callOneByOne(server, warmupCalls);
    const beforeBytes = server.anonBytes();
    await callOneByOne(server, calls);
    return (server.anonBytes() - beforeBytes) / calls;
  },
};
