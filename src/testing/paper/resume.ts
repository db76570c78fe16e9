import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../phases/harness-process.ts';
import { readManifest, readResult, runFolderAt } from '../../store/run-folder.ts';
import { checkSeal } from '../../store/seal.ts';
import type { PaperRun } from './paper-runs.ts';

/** `cut`: something is there that is no whole run. `invalid`: it is whole, and was not measured well. */
export type RunState = 'done' | 'invalid' | 'running' | 'cut' | 'none';

/**
 * Done: it came to its end, or its target did, no file has changed since, and it is valid. A run that was ended by a
 * signal is `aborted`, and is made again; an invalid one too, since validity is judged apart from every verdict.
 */
export async function stateOf(path: string): Promise<RunState> {
  if (!existsSync(path)) {
    return 'none';
  }
  const folder = runFolderAt(path);
  if (!existsSync(folder.manifest)) {
    return 'cut';
  }
  const { status, pid } = readManifest(folder);
  if (status === 'running') {
    return isAlive(pid) ? 'running' : 'cut';
  }
  const { sealed, differences } = await checkSeal(folder);
  const isEnded = status === 'completed' || status === 'stopped';
  if (!isEnded || !sealed || differences.length > 0 || !existsSync(folder.result)) {
    return 'cut';
  }
  return readResult(folder).validity.state === 'invalid' ? 'invalid' : 'done';
}

/** Makes way for a new run of that id; what was measured is kept beside it. */
function setAside(path: string, state: 'cut' | 'invalid'): string {
  let number = 1;
  while (existsSync(`${path}.${state}-${number}`)) {
    number += 1;
  }
  renameSync(path, `${path}.${state}-${number}`);
  return `${path}.${state}-${number}`;
}

/** What became of a run; `why` is null where its result can be read. */
export interface PaperOutcome {
  run: PaperRun;
  why: string | null;
}

export interface PaperRunner {
  /** null: it can run on this host. */
  refusal(run: PaperRun): string | null;
  /** Resolves when it has ended, with why it left nothing, or null. */
  execute(run: PaperRun): Promise<string | null>;
  tell(sentence: string): void;
}

async function complete(run: PaperRun, out: string, runner: PaperRunner): Promise<string | null> {
  const path = join(out, run.runId);
  const state = await stateOf(path);
  if (state === 'done') {
    runner.tell(`${run.runId}: done before`);
    return null;
  }
  if (state === 'running') {
    return `another harness is at it in ${path}`;
  }
  const refusal = runner.refusal(run);
  if (refusal !== null) {
    return refusal;
  }
  if (state === 'cut' || state === 'invalid') {
    const was = state === 'cut' ? 'cut short or changed' : 'invalid';
    runner.tell(`${run.runId}: was ${was}, kept as ${setAside(path, state)}`);
  }
  runner.tell(`${run.runId}: runs`);
  const why = await runner.execute(run);
  const left = await stateOf(path);
  return left === 'done' || left === 'invalid' ? null : (why ?? `it did not come to its end, see ${path}`);
}

/** Each run that is not done, one after another; `onOutcome` hears of each, so that a table can grow. */
export async function completeAll(
  runs: readonly PaperRun[],
  out: string,
  runner: PaperRunner,
  onOutcome: (outcomes: readonly PaperOutcome[]) => void,
): Promise<readonly PaperOutcome[]> {
  const outcomes: PaperOutcome[] = [];
  for (const run of runs) {
    const why = await complete(run, out, runner);
    if (why !== null) {
      runner.tell(`${run.runId}: not measured, ${why}`);
    }
    outcomes.push({ run, why });
    onOutcome(outcomes);
  }
  return outcomes;
}
