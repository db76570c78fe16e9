import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultCase } from '../fault-case.ts';
import { childrenOf, isAlive, startBench, withTarget } from '../programs.ts';
import { type RunPlace, readBack } from '../readback.ts';
import { runArguments, runPlace } from '../run-of-suite.ts';
import { type Undisturbed, untilFolder } from '../undisturbed.ts';

/** What the harness started sees its end of a pipe close; on a busy machine that takes its time. */
const orphansEndWithinMs = 10_000;

async function orphanTroubles(pids: readonly number[]): Promise<string[]> {
  for (let waitedMs = 0; waitedMs < orphansEndWithinMs && pids.some(isAlive); waitedMs += 100) {
    await sleep(100);
  }
  return pids.filter(isAlive).map((pid) => `process ${pid} outlived the harness`);
}

/** How far the run had come, by what it had written. */
function stateOf({ outFolder, runId }: RunPlace): string {
  const folder = join(outFolder, runId);
  const path = join(folder, 'events.csv');
  if (existsSync(join(folder, 'SHA256SUMS'))) {
    return 'after the seal';
  }
  if (existsSync(join(folder, 'result.json'))) {
    return 'after the result';
  }
  if (!existsSync(path)) {
    return existsSync(folder) ? 'in preparation' : 'before the folder';
  }
  const stage = [...readFileSync(path, 'utf8').matchAll(/,stage_(start|end),([^,]*),/g)].at(-1);
  return stage === undefined ? 'in preparation' : `${stage[1] === 'start' ? 'in' : 'behind'} stage ${stage[2]}`;
}

/** Most of what there is to lose comes after the folder. */
const beforeFolderShare = 0.2;

/**
 * `whole`: how long an undisturbed run takes. The moment counts from the folder on, as it is there: another run may
 * take much longer to start, where the machine is busy, and would never be killed at work.
 */
export function killed(times: number, whole: Pick<Undisturbed, 'startMs' | 'workMs'>): FaultCase {
  return {
    id: 'killed',
    fault: 'kill -9 of bench run at a random moment',
    mustHold: 'recover, analyze and report work; every whole line is kept; rows = outcomes; no process is left',
    times,
    atOnce: 2,
    missing: () => null,
    async once(place, nth) {
      const run = runPlace(place, `killed-${nth}`);
      const isEarly = place.random.real() < beforeFolderShare;
      const afterMs = place.random.real() * (isEarly ? whole.startMs : whole.workMs);
      return await withTarget([], async (target) => {
        const running = startBench(runArguments('tiny', target, run));
        await (isEarly ? null : untilFolder(run, running.ended));
        await Promise.race([sleep(afterMs), running.ended]);
        const children = childrenOf(running.pid);
        running.kill('SIGKILL');
        place.staged(stateOf(run));
        await running.ended;
        const troubles = [...(await orphanTroubles(children)), ...(await readBack(run))];
        return troubles.map(
          (trouble) => `killed ${afterMs.toFixed(0)} ms after its ${isEarly ? 'start' : 'folder'}: ${trouble}`,
        );
      });
    },
  };
}
