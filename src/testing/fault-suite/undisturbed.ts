import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './fault-case.ts';
import { startBench, withTarget } from './programs.ts';
import { endTroubles, type RunPlace } from './readback.ts';
import { runArguments, runPlace } from './run-of-suite.ts';

const lookEveryMs = 10;

/** Resolves when the run has its folder, or has ended without one. */
export async function untilFolder({ outFolder, runId }: RunPlace, ended: Promise<unknown>): Promise<void> {
  const run = { isOver: false };
  void ended.then(() => {
    run.isOver = true;
  });
  while (!run.isOver && !existsSync(join(outFolder, runId))) {
    await sleep(lookEveryMs);
  }
}

/** One run to which nothing is done. */
export interface Undisturbed {
  /** From its start to its folder. */
  startMs: number;
  /** From its folder to its end. */
  workMs: number;
  wholeBytes: number;
}

/** How long a run takes and how much it writes bounds the random moments. */
export async function undisturbed(place: Pick<Place, 'scratch'>): Promise<Undisturbed> {
  const run = runPlace(place, 'undisturbed');
  return await withTarget([], async (target) => {
    const startedMs = performance.now();
    const running = startBench(runArguments('tiny', target, run));
    await untilFolder(run, running.ended);
    const startMs = performance.now() - startedMs;
    const ended = await running.ended;
    const workMs = performance.now() - startedMs - startMs;
    const troubles = await endTroubles(run, ended, [0, 1, 3]);
    if (troubles.length > 0) {
      throw new Error(`A run to which nothing was done: ${troubles.join('; ')}`);
    }
    const folder = join(run.outFolder, run.runId);
    const sizes = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(join(folder, name)).size,
    );
    return { startMs, workMs, wholeBytes: sizes.reduce((sum, size) => sum + size, 0) };
  });
}
