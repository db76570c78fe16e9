import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './fault-case.ts';
import { suiteFile } from './programs.ts';
import type { RunPlace } from './readback.ts';

export type SuiteProfile = 'tiny' | 'some' | 'many' | 'steady';

export function runPlace(
  { scratch }: Pick<Place, 'scratch'>,
  runId: string,
  outFolder = join(scratch, 'results'),
): RunPlace {
  return { outFolder, runId, reportsFolder: join(scratch, 'reports') };
}

export function runArguments(
  profile: SuiteProfile,
  target: { url: string },
  { outFolder, runId, reportsFolder }: RunPlace,
): readonly string[] {
  const places = ['--out', outFolder, '--reports', reportsFolder, '--run-id', runId];
  return ['run', suiteFile(`${profile}.yaml`), '--target', target.url, ...places];
}

const lookEveryMs = 20;
const stageWithinMs = 90_000;

/** Resolves when the stage has begun, or the run has ended without it. Events are written as they happen. */
export async function untilStage(
  { outFolder, runId }: RunPlace,
  stage: string,
  ended: Promise<unknown>,
): Promise<void> {
  const path = join(outFolder, runId, 'events.csv');
  const run = { isOver: false };
  void ended.then(() => {
    run.isOver = true;
  });
  for (let waitedMs = 0; waitedMs < stageWithinMs && !run.isOver; waitedMs += lookEveryMs) {
    if (existsSync(path) && readFileSync(path, 'utf8').includes(`,stage_start,${stage},`)) {
      return;
    }
    await sleep(lookEveryMs);
  }
}
