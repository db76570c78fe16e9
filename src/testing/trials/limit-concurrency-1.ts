import type { FaultTrial, TrialServer } from './trial.ts';

const probes = 25;
const everyMs = 200;
const code = 'import time\ntime.sleep(1)\n';
const body = Buffer.from(JSON.stringify({ code, timeout: 10 }));

/** One program after the other; a refused one is tried again soon. Returns how many came to their end. */
async function runPrograms(server: TrialServer, isOver: () => boolean): Promise<number> {
  let done = 0;
  while (!isOver()) {
    const { status } = await server.post('/execute', 'application/json', body);
    done += status === 200 ? 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, status === 200 ? 0 : 10));
  }
  return done;
}

export const limitConcurrency1Trial: FaultTrial = {
  fault: 'limit-concurrency-1',
  measures: 'failed share of the health probes beside one client',
  unit: 'ratio',
  memoryLimitBytes: null,
  args: ['--device', 'virtual'],
  cases: [
    { fixes: [], expected: { least: 1 } },
    { fixes: ['fixed'], expected: { most: 0 } },
    { fixes: ['connection-limit-2', 'exec-slots'], expected: { least: 0.5 } },
  ],
  async measure(server) {
    let isOver = false;
    const running = runPrograms(server, () => isOver);
    let failed = 0;
    for (let probe = 0; probe < probes; probe += 1) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      failed += (await server.get('/healthz', 2000)).status === 200 ? 0 : 1;
    }
    isOver = true;
    const done = await running;
    if (failed === 0 && done === 0) {
      throw new Error('no program came to its end');
    }
    return failed / probes;
  },
};
