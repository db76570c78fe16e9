import { setTimeout as sleep } from 'node:timers/promises';
import { sendClip, speechForm } from '../speech-pool.ts';
import type { FaultTrial } from './trial.ts';

/** 27 MiB each while it is worked on. */
const clipSeconds = 170;
const clips = 24;
const lookEveryMs = 100;

export const ungatedPoolTrial: FaultTrial = {
  fault: 'ungated-pool',
  measures: 'OOM kills while 24 long clips wait',
  unit: 'count',
  memoryLimitBytes: 900 * 1024 ** 2,
  // A pool that can start quickly follows the queue to its whole size.
  args: ['--time-scale', '0.2', '--device', 'virtual', '--knob', 'cold-start-s=2'],
  cases: [
    { fixes: [], expected: { least: 1 } },
    { fixes: ['ram-gate'], expected: { least: 0, most: 0 } },
  ],
  async measure(server) {
    if (server.kills() === null) {
      throw new Error('this host lets us make no group with a limit');
    }
    const form = speechForm(clipSeconds, 16_000);
    let waiting = clips;
    const sent = Array.from({ length: clips }, async () => {
      await sendClip(server, form);
      waiting -= 1;
    });
    while (waiting > 0 && server.kills() === 0) {
      await sleep(lookEveryMs);
    }
    const kills = server.kills() ?? 0;
    if (kills === 0) {
      await Promise.all(sent);
    }
    return kills;
  },
};
