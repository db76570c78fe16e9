import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../base/random.ts';
import { clockStep } from './cases/clock-step.ts';
import { fewDescriptors, manyConnections } from './cases/descriptors.ts';
import { diskFull, diskFullMerge, diskFullWatch } from './cases/disk-full.ts';
import { hostileTarget } from './cases/hostile-target.ts';
import { killed } from './cases/killed.ts';
import { noProc, readOnlyFolder } from './cases/surroundings.ts';
import { suspended } from './cases/suspended.ts';
import { twoAtOnce } from './cases/two-at-once.ts';
import { vanishingTarget } from './cases/vanishing-target.ts';
import { type FaultCase, type Outcome, type Place, stage } from './fault-case.ts';
import { benchScript } from './programs.ts';
import { undisturbed } from './undisturbed.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    only: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

function casesFor(kills: number, { wholeMs, wholeBytes }: { wholeMs: number; wholeBytes: number }): FaultCase[] {
  return [
    readOnlyFolder(),
    twoAtOnce(),
    clockStep(2),
    suspended(2),
    vanishingTarget(2),
    hostileTarget(),
    noProc(),
    fewDescriptors(),
    manyConnections(),
    diskFull(Math.max(2, Math.round(kills / 5)), wholeBytes),
    diskFullWatch(Math.max(2, Math.round(kills / 10)), wholeBytes),
    diskFullMerge(Math.max(2, Math.round(kills / 10)), wholeBytes),
    killed(kills, wholeMs),
  ];
}

function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ fault, times, held, mustHold, skipped }) => [
    fault,
    String(times),
    skipped === null ? `${held} of ${times}` : 'left out',
    skipped === null ? mustHold : skipped,
  ]);
  const titles = ['fault', 'times', 'held', 'must hold'];
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [titles, ...rows]
    .map((row) => row.map((cell, at) => (at === 3 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '))
    .join('\n');
}

/** Stages every fault and prints one table. Exit 1 if something did not hold. */
async function main(): Promise<number> {
  if (!existsSync(benchScript)) {
    process.stderr.write('There is no build: run npm run build.\n');
    return 2;
  }
  const seed = values.seed ?? String(Date.now() % 1_000_000);
  const scratch = mkdtempSync(join(tmpdir(), 'headroom-faults-'));
  const place: Place = { scratch, random: createRandom(seed) };
  const startedMs = performance.now();
  try {
    const names = values.only?.split(',') ?? null;
    const cases = casesFor(Number(values.kills), await undisturbed(place));
    const outcomes: Outcome[] = [];
    for (const fault of cases.filter(({ id }) => names?.includes(id) ?? true)) {
      outcomes.push(await stage(fault, place, (line) => process.stderr.write(`${line}\n`)));
    }
    const tookSeconds = (performance.now() - startedMs) / 1000;
    process.stdout.write(`${tableOf(outcomes)}\n\n${tookSeconds.toFixed(0)} s, seed ${seed}\n`);
    for (const line of outcomes.flatMap(({ broken }) => broken)) {
      process.stdout.write(`NOT HELD: ${line}\n`);
    }
    return outcomes.every(({ held, times }) => held === times) ? 0 : 1;
  } finally {
    if (values.keep) {
      process.stderr.write(`kept: ${scratch}\n`);
    } else {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
}

process.exitCode = await main();
