import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultCase } from '../fault-case.ts';
import { startBench, startTarget } from '../programs.ts';
import { endTroubles, readResult } from '../readback.ts';
import { runArguments, runPlace, untilStage } from '../run-of-suite.ts';

const awayMs = 500;

/** Kills the target under load and starts another on its port; every second time none comes back. */
export function vanishingTarget(times: number): FaultCase {
  return {
    id: 'vanishing-target',
    fault: 'kill -9 of the target, which returns after 0.5 s or never',
    mustHold: 'the run ends by itself, fails, and names the death; conserved and sealed',
    times,
    atOnce: 1,
    missing: () => null,
    async once(place, nth) {
      const run = runPlace(place, `vanishing-${nth}`);
      const first = await startTarget();
      const running = startBench(runArguments('tiny', first, run));
      await untilStage(run, 'steady', running.ended);
      first.kill('SIGKILL');
      await first.ended;
      await sleep(awayMs);
      const second = nth % 2 === 0 ? await startTarget(['--port', String(first.port)]) : null;
      const ended = await running.ended;
      second?.kill('SIGKILL');
      await second?.ended;
      const troubles = await endTroubles(run, ended, [1, 3]);
      if (troubles.length > 0) {
        return troubles;
      }
      const { findings, verdict } = readResult(run);
      const names = findings.filter((finding) => finding.verdict === 'fail').map(({ detector }) => detector);
      return verdict === 'fail' && names.includes('process-restart')
        ? []
        : [`the verdict is ${verdict}, failed are ${names.join(', ') || 'none'}`];
    },
  };
}
