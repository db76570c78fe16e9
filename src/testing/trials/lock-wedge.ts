import { inferAtOnce, inferWell, promptOf } from '../infer-calls.ts';
import type { FaultTrial } from './trial.ts';

const calls = 8;
const healthLimitMs = 1000;

export const lockWedgeTrial: FaultTrial = {
  fault: 'lock-wedge',
  measures: 'time of eight simultaneous calls over that of one',
  unit: 'ratio',
  memoryLimitBytes: null,
  args: ['--device', 'virtual', '--time-scale', '0.5'],
  cases: [
    { fixes: [], expected: { least: 6 } },
    { fixes: ['read-lock'], expected: { most: 4 } },
  ],
  async measure(server) {
    const alone = await inferWell(server, promptOf(0));
    const startedMs = performance.now();
    const together = inferAtOnce(server, calls);
    // Whatever the lock does, health needs none of it.
    const health = await server.get('/v1/health', healthLimitMs);
    await together;
    if (health.status !== 200) {
      throw new Error(`health was answered ${health.status} beside the calls`);
    }
    return (performance.now() - startedMs) / alone.tookMs;
  },
};
