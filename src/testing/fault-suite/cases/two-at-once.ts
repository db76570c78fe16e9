import { readdirSync } from 'node:fs';
import type { FaultCase } from '../fault-case.ts';
import { startBench, withTarget } from '../programs.ts';
import { endTroubles, manners } from '../readback.ts';
import { runArguments, runPlace } from '../run-of-suite.ts';

/** First with ids of their own, then with one for both. */
export function twoAtOnce(): FaultCase {
  return {
    id: 'two-at-once',
    fault: 'two runs at once in one folder, then two with one --run-id',
    mustHold: 'both are whole; of two with one id the second is refused in one line and the first is whole',
    times: 2,
    atOnce: 1,
    missing: () => null,
    async once(place, nth) {
      const run = runPlace(place, 'twice', `${place.scratch}/two-${nth}`);
      return await withTarget([], async (target) => {
        const args = runArguments('tiny', target, run).filter((arg, at, all) =>
          nth === 0 ? arg !== '--run-id' && all[at - 1] !== '--run-id' : true,
        );
        const ends = await Promise.all([startBench(args).ended, startBench(args).ended]);
        const refused = ends.filter(({ exitCode }) => exitCode === 2);
        const whole = ends.filter(({ exitCode }) => exitCode !== 2);
        const wanted = nth === 0 ? 2 : 1;
        const troubles = refused.flatMap((end) => manners('the refused run', end));
        const runIds = readdirSync(run.outFolder);
        if (whole.length !== wanted || runIds.length !== wanted) {
          return [...troubles, `${whole.length} runs and ${runIds.length} folders, not ${wanted}`];
        }
        for (const [at, end] of whole.entries()) {
          troubles.push(...(await endTroubles({ ...run, runId: runIds[at] ?? '' }, end, [0, 1, 3])));
        }
        return refused.every(({ stderr }) => stderr.includes('is already in'))
          ? troubles
          : [...troubles, `refused with: ${refused[0]?.stderr ?? ''}`];
      });
    },
  };
}
