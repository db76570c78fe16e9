import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Fault } from '../reference-server/faults/fault.ts';
import { faults } from '../reference-server/faults/index.ts';
import { judgeAll } from './fault-matrix/campaign.ts';
import { codeVersions } from './fault-matrix/code-version.ts';
import { matrixTable, missText } from './fault-matrix/matrix-table.ts';
import { type Outcome, OutcomeFile, variantName } from './fault-matrix/outcomes.ts';
import { measureReal } from './fault-runs/measure-real.ts';
import { variantsOf } from './fault-world/variants.ts';

const outcomePath = resolve('.cache', 'fault-matrix.jsonl');
const builtRoot = fileURLToPath(new URL('..', import.meta.url));

/** Misses are told as they come, since the rest may take hours. */
function tellMisses({ variant, seed, misses }: Outcome): void {
  for (const miss of misses) {
    process.stderr.write(`${variant}  seed ${seed}: ${missText(miss)}: ${miss.summary}\n`);
  }
}

async function measureModelled(chosen: readonly Fault[], seeds: number, jobs: number): Promise<boolean> {
  const names = chosen.flatMap(variantsOf).map(variantName);
  const startedMs = performance.now();
  let judged = 0;
  const onOutcome = (outcome: Outcome): void => {
    tellMisses(outcome);
    judged += 1;
    if (judged % names.length === 0) {
      const minutes = (performance.now() - startedMs) / 60_000;
      process.stderr.write(`${judged} runs judged in ${minutes.toFixed(1)} min, now at seed ${outcome.seed}\n`);
    }
  };
  const file = new OutcomeFile(outcomePath);
  const codes = codeVersions(
    builtRoot,
    faults.map(({ id }) => id),
  );
  const outcomes = await judgeAll({ faults: chosen, seeds, jobs, codes, file, onOutcome });
  const ours = outcomes.filter(({ variant }) => names.includes(variant));
  process.stdout.write(`${matrixTable(names, ours).join('\n')}\n`);
  return ours.every(({ misses }) => misses.length === 0);
}

/** Null unless it is a whole number above 0. */
function countOf(text: string): number | null {
  const count = Number(text);
  return Number.isInteger(count) && count > 0 ? count : null;
}

/**
 * `[--seeds N [--jobs N] | --real N [--pages FOLDER]] [FAULT...]`: each variant of the named faults, or of all, over N
 * seeds, where it goes on with what the same code has not judged yet; or the short real runs N times. Exit 1 if one
 * is not as expected.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '3' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      real: { type: 'string' },
      pages: { type: 'string', default: '.cache/fault-pages' },
    },
  });
  const times = countOf(values.real ?? values.seeds);
  const jobs = countOf(values.jobs);
  const unknown = positionals.find((name) => !faults.some(({ id }) => id === name));
  if (unknown !== undefined || times === null || jobs === null) {
    process.stderr.write(`"${unknown ?? values.real ?? values.seeds}" is no fault or no number of seeds or jobs.\n`);
    return 2;
  }
  if (values.real !== undefined) {
    return (await measureReal(positionals, times, values.pages)) ? 0 : 1;
  }
  const chosen = faults.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
  return (await measureModelled(chosen, times, jobs)) ? 0 : 1;
}

process.exitCode = await main();
