import { predictOcr, trialSides } from '../model-cache-load.ts';
import type { FaultTrial } from './trial.ts';

/** TTL 600 s and poll 10 s at the time scale below, and as much again as a busy host may need. */
const settledMs = 8000;
const questions = 5;
const question = { model: 'neighbour', messages: [{ role: 'user', content: 'Say hello.' }] };

export const neighbourStarveTrial: FaultTrial = {
  fault: 'neighbour-starve',
  measures: "failed share of the neighbour's answers after the holder's burst",
  unit: 'ratio',
  memoryLimitBytes: null,
  args: ['--device', 'virtual', '--time-scale', '0.01'],
  cases: [
    { fixes: [], expected: { least: 1 } },
    { fixes: ['model-ttl'], expected: { most: 0 } },
    { fixes: ['same-as-requested'], expected: { least: 1 } },
  ],
  async measure(server) {
    for (const sides of trialSides) {
      await predictOcr(server, sides);
    }
    await new Promise((resolve) => setTimeout(resolve, settledMs));
    let failed = 0;
    for (let asked = 0; asked < questions; asked += 1) {
      const body = Buffer.from(JSON.stringify(question));
      const reply = await server.post('/v1/chat/completions', 'application/json', body);
      failed += reply.status === 200 ? 0 : 1;
      const health = await server.get('/health');
      if (health.status !== 200) {
        throw new Error(`health was answered ${health.status} while the neighbour was asked`);
      }
    }
    return failed / questions;
  },
};
