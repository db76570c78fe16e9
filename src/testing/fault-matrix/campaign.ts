import { type ChildProcess, fork } from 'node:child_process';
import type { Fault } from '../../reference-server/faults/fault.ts';
import { variantsOf } from '../fault-world/variants.ts';
import { type Outcome, type OutcomeFile, variantName } from './outcomes.ts';

/** Variants of one fault with one seed: they share a profile, and so a plan. */
export interface Task {
  fault: string;
  seed: number;
  variants: readonly string[];
}

export type Judged = Omit<Outcome, 'code'>;

interface CampaignOptions {
  faults: readonly Fault[];
  seeds: number;
  jobs: number;
  /** By the id of the fault. */
  codes: ReadonlyMap<string, string>;
  file: OutcomeFile;
  onOutcome: (outcome: Outcome) => void;
}

/** Seed by seed over all faults, so that a campaign that is cut has seen each variant about as often. */
export function tasksOf(
  faults: readonly Fault[],
  seeds: number,
  isDone: (variant: string, seed: number) => boolean,
): readonly Task[] {
  const byFault = faults.map((fault) => ({ fault: fault.id, names: variantsOf(fault).map(variantName) }));
  return Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
    byFault.flatMap(({ fault, names }) => {
      const variants = names.filter((name) => !isDone(name, seed));
      return variants.length === 0 ? [] : [{ fault, seed, variants }];
    }),
  );
}

/** One process takes tasks until there are none. Rejects if it ends before. */
function work(child: ChildProcess, tasks: Task[], onJudged: (judged: Judged) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let task = tasks.shift();
    const next = (): void => {
      if (task === undefined) {
        child.disconnect();
        resolve();
      } else {
        child.send(task);
      }
    };
    child.on('message', (message) => {
      if (message === 'done') {
        task = tasks.shift();
        next();
      } else {
        onJudged(message as Judged);
      }
    });
    child.on('exit', (exitCode) => {
      reject(new Error(`a judging process ended with ${exitCode} in ${task?.fault}, seed ${task?.seed}`));
    });
    next();
  });
}

/**
 * faults x seeds, less what the file has of this code -> tasks -> as many processes as there are cores
 *                                                              -> a line in the file for each outcome
 */
export async function judgeAll(options: CampaignOptions): Promise<readonly Outcome[]> {
  const { faults, seeds, jobs, codes, file } = options;
  const outcomes = file.of(codes).filter(({ seed }) => seed <= seeds);
  const done = new Set(outcomes.map(({ variant, seed }) => `${variant} ${seed}`));
  const tasks = [...tasksOf(faults, seeds, (variant, seed) => done.has(`${variant} ${seed}`))];
  const onJudged = (judged: Judged): void => {
    const outcome = { code: codes.get(judged.fault) ?? '', ...judged };
    file.append(outcome);
    outcomes.push(outcome);
    options.onOutcome(outcome);
  };
  const children = Array.from({ length: Math.min(jobs, tasks.length) }, () =>
    fork(new URL('./judge-main.js', import.meta.url)),
  );
  try {
    await Promise.all(children.map((child) => work(child, tasks, onJudged)));
  } finally {
    for (const child of children) {
      child.kill();
    }
  }
  return outcomes;
}
