import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './fault-case.ts';
import { startBench, withTarget } from './programs.ts';
import { endTroubles } from './readback.ts';
import { runArguments, runPlace } from './run-of-suite.ts';

/** One run to which nothing is done: how long it takes and how much it writes bounds the random moments. */
export async function undisturbed(place: Pick<Place, 'scratch'>): Promise<{ wholeMs: number; wholeBytes: number }> {
  const run = runPlace(place, 'undisturbed');
  return await withTarget([], async (target) => {
    const startedMs = performance.now();
    const ended = await startBench(runArguments('tiny', target, run)).ended;
    const wholeMs = performance.now() - startedMs;
    const troubles = await endTroubles(run, ended, [0, 1, 3]);
    if (troubles.length > 0) {
      throw new Error(`A run to which nothing was done: ${troubles.join('; ')}`);
    }
    const folder = join(run.outFolder, run.runId);
    const sizes = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(join(folder, name)).size,
    );
    return { wholeMs, wholeBytes: sizes.reduce((sum, size) => sum + size, 0) };
  });
}
