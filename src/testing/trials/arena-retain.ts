import { cardUsedBytes, type ImageSides, predictOcr, trialSides } from '../model-cache-load.ts';
import type { FaultTrial, TrialServer } from './trial.ts';

/** TTL 600 s and poll 10 s at the time scale below, and as much again as a busy host may need. */
const settledMs = 8000;

/** The most that was in use on the card while these images were predicted, one at a time. */
async function peakWhile(server: TrialServer, sides: readonly ImageSides[]): Promise<number> {
  let peakBytes = 0;
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      peakBytes = Math.max(peakBytes, await cardUsedBytes(server));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const load = async (): Promise<void> => {
    try {
      for (const one of sides) {
        await predictOcr(server, one);
      }
    } finally {
      over.abort();
    }
  };
  await Promise.all([watch(), load()]);
  return peakBytes;
}

export const arenaRetainTrial: FaultTrial = {
  fault: 'arena-retain',
  measures: 'device memory above base after TTL and poll, over that at the peak',
  unit: 'ratio',
  memoryLimitBytes: null,
  // A run lasts a second, so that its peak is seen.
  args: ['--device', 'virtual', '--time-scale', '0.01', '--knob', 'predict-s=40'],
  cases: [
    { fixes: [], expected: { least: 0.95 } },
    { fixes: ['model-ttl'], expected: { most: 0.2 } },
    { fixes: ['same-as-requested'], expected: { least: 0.95 } },
    { fixes: ['shrink'], expected: { least: 0.55 } },
  ],
  async measure(server) {
    const baseBytes = await cardUsedBytes(server);
    const peakBytes = await peakWhile(server, trialSides);
    await new Promise((resolve) => setTimeout(resolve, settledMs));
    return ((await cardUsedBytes(server)) - baseBytes) / (peakBytes - baseBytes);
  },
};
