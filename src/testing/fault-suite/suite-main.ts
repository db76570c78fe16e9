import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRandom } from '../../base/random.ts';
import { agentCut } from './cases/agent-cut.ts';
import { clockStep } from './cases/clock-step.ts';
import { fewDescriptors, manyConnections } from './cases/descriptors.ts';
import { diskFull, diskFullMerge, diskFullWatch } from './cases/disk-full.ts';
import { hostileTargets } from './cases/hostile-target.ts';
import { killed } from './cases/killed.ts';
import { noProc, readOnlyFolder } from './cases/surroundings.ts';
import { suspended } from './cases/suspended.ts';
import { twoAtOnce } from './cases/two-at-once.ts';
import { vanishingTarget } from './cases/vanishing-target.ts';
import { type FaultCase, type Outcome, stage } from './fault-case.ts';
import { outcomeTable } from './outcome-table.ts';
import { benchScript } from './programs.ts';
import { openScratch, sweep } from './scratch.ts';
import { type Undisturbed, undisturbed } from './undisturbed.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    only: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

function casesFor(kills: number, whole: Undisturbed): FaultCase[] {
  const { wholeBytes } = whole;
  return [
    readOnlyFolder(),
    twoAtOnce(),
    clockStep(2),
    suspended(2),
    vanishingTarget(2),
    ...hostileTargets(),
    agentCut(),
    noProc(),
    fewDescriptors(),
    manyConnections(),
    diskFull(Math.max(2, Math.round(kills / 5)), wholeBytes),
    diskFullWatch(Math.max(2, Math.round(kills / 10)), wholeBytes),
    diskFullMerge(Math.max(2, Math.round(kills / 10)), wholeBytes),
    killed(kills, whole),
  ];
}

/** Stages every fault and prints one table. Exit 1 if something did not hold. */
async function main(): Promise<number> {
  if (!existsSync(benchScript)) {
    process.stderr.write('There is no build: run npm run build.\n');
    return 2;
  }
  const seed = values.seed ?? String(Date.now() % 1_000_000);
  process.stderr.write(
    sweep()
      .map((line) => `${line}\n`)
      .join(''),
  );
  const scratch = openScratch({ keep: values.keep });
  const place = { scratch: scratch.folder, random: createRandom(seed) };
  const startedMs = performance.now();
  try {
    const names = values.only?.split(',') ?? null;
    const cases = casesFor(Number(values.kills), await undisturbed(place));
    const outcomes: Outcome[] = [];
    for (const fault of cases.filter(({ id }) => names?.includes(id) ?? true)) {
      outcomes.push(await stage(fault, place, (line) => process.stderr.write(`${line}\n`)));
    }
    const tookSeconds = (performance.now() - startedMs) / 1000;
    process.stdout.write(`${outcomeTable(outcomes)}\n\n${tookSeconds.toFixed(0)} s, seed ${seed}\n`);
    for (const line of outcomes.flatMap(({ broken }) => broken)) {
      process.stdout.write(`NOT HELD: ${line}\n`);
    }
    return outcomes.every(({ held, times }) => held === times) ? 0 : 1;
  } finally {
    scratch.close();
    if (values.keep) {
      process.stderr.write(`kept: ${scratch.folder}\n`);
    }
  }
}

process.exitCode = await main();
