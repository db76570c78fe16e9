import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultCase } from '../fault-case.ts';
import { childrenOf, startBench, withTarget } from '../programs.ts';
import { endTroubles, readResult } from '../readback.ts';
import { runArguments, runPlace, untilStage } from '../run-of-suite.ts';

const suspendedMs = 5000;

/** Stops the sending process, or its sampler, by turns, while it sends. */
export function suspended(times: number): FaultCase {
  return {
    id: 'suspended',
    fault: 'SIGSTOP of the harness or of its sampler for 5 s',
    mustHold: 'the gap stands in the events, and missing samples make the run INVALID; conserved and sealed',
    times,
    atOnce: 1,
    missing: () => (process.platform === 'linux' ? null : 'children are found in /proc'),
    async once(place, nth) {
      const run = runPlace(place, `suspended-${nth}`);
      return await withTarget([], async (target) => {
        const running = startBench(runArguments('tiny', target, run));
        await untilStage(run, 'steady', running.ended);
        const stopped = nth % 2 === 0 ? [running.pid] : childrenOf(running.pid);
        for (const pid of stopped) {
          process.kill(pid, 'SIGSTOP');
        }
        await sleep(suspendedMs);
        for (const pid of stopped) {
          process.kill(pid, 'SIGCONT');
        }
        const ended = await running.ended;
        const troubles = await endTroubles(run, ended, [0, 1, 3]);
        if (troubles.length > 0) {
          return troubles;
        }
        const { validity, events } = readResult(run);
        const hasGap = events.some(({ kind }) => kind === 'gap');
        // The samples that it did not take make a run invalid; a harness that did not send shows its own gap.
        return hasGap && (nth % 2 === 0 || validity.state === 'invalid')
          ? []
          : [`${stopped.length} processes were stopped, and the run is silently ok`];
      });
    },
  };
}
