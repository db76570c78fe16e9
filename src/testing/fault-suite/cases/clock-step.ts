import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCase } from '../fault-case.ts';
import { startBench, suiteFile, withTarget } from '../programs.ts';
import { endTroubles, readResult, wholeRows } from '../readback.ts';
import { runArguments, runPlace, untilStage } from '../run-of-suite.ts';

const hourMs = 3_600_000;
/** A run of seconds; a time that a step of an hour went into is far off. */
const longestMs = 120_000;

/** Steps the wall clock of a run forward and back by turns, while it sends. */
export function clockStep(times: number): FaultCase {
  return {
    id: 'clock-step',
    fault: 'the wall clock steps by an hour, forward and back',
    mustHold: 'times of the tables are not touched; the run is INVALID and names the step',
    times,
    atOnce: 1,
    missing: () => null,
    async once(place, nth) {
      const run = runPlace(place, `clock-step-${nth}`);
      const sign = join(place.scratch, `step-${nth}`);
      const env = {
        NODE_OPTIONS: `--import=${suiteFile('step-wall-clock.js')}`,
        STEP_MS: String(nth % 2 === 0 ? hourMs : -hourMs),
        STEP_AT: sign,
      };
      return await withTarget([], async (target) => {
        const running = startBench(runArguments('tiny', target, run), { env });
        await untilStage(run, 'steady', running.ended);
        writeFileSync(sign, '');
        const ended = await running.ended;
        const troubles = await endTroubles(run, ended, [3]);
        if (troubles.length > 0) {
          return troubles;
        }
        const { validity } = readResult(run);
        const times = ['requests.csv', 'samples.csv', 'events.csv'].flatMap((name) =>
          wholeRows(join(run.outFolder, run.runId, name)).map((row) => Number(row[name === 'requests.csv' ? 12 : 0])),
        );
        const wrong = times.filter((tMs) => !(tMs >= 0 && tMs < longestMs));
        return [
          ...(validity.reasons.some((reason) => reason.includes('wall clock')) ? [] : ['the step is not named']),
          ...(wrong.length === 0 ? [] : [`${wrong.length} times are off, such as ${wrong[0]} ms`]),
        ];
      });
    },
  };
}
