import { parseArgs } from 'node:util';
import { faults } from '../reference-server/faults/index.ts';
import { measureReal } from './fault-runs/measure-real.ts';
import { judgeVariant } from './fault-world/judge-variant.ts';
import { type Variant, variantsOf } from './fault-world/variants.ts';

/** A variant over all seeds: how many were as expected, and what the others showed. */
interface Row {
  name: string;
  met: number;
  seeds: number;
  misses: ReadonlyMap<string, { count: number; summary: string }>;
}

function nameOf({ fault, name, expectation }: Variant): string {
  return `${fault.id.padEnd(22)} ${name.padEnd(24)} ${expectation.profile.padEnd(20)} ${String(expectation.memoryLimitMib ?? '-').padStart(7)} MiB`;
}

async function measureRow(variant: Variant, seeds: number): Promise<Row> {
  const misses = new Map<string, { count: number; summary: string }>();
  let met = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const found = await judgeVariant(variant, seed);
    met += found.length === 0 ? 1 : 0;
    for (const { detector, verdict, expected, summary } of found) {
      const key = `${detector} is ${verdict}, not ${expected}`;
      misses.set(key, { count: (misses.get(key)?.count ?? 0) + 1, summary });
    }
  }
  return { name: nameOf(variant), met, seeds, misses };
}

function printRow({ name, met, seeds, misses }: Row): void {
  process.stdout.write(`${name}  ${met} of ${seeds}\n`);
  for (const [key, { count, summary }] of misses) {
    process.stdout.write(`    ${count} x ${key}: ${summary}\n`);
  }
}

/**
 * `[--seeds N | --real N [--pages FOLDER]] [FAULT...]`: each variant of the named faults, or of all, over N seeds; or the
 * short real runs N times. Exit 1 if one is not as expected.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '3' },
      real: { type: 'string' },
      pages: { type: 'string', default: '.cache/fault-pages' },
    },
  });
  const times = values.real ?? values.seeds;
  const seeds = Number(times);
  const unknown = positionals.find((name) => !faults.some(({ id }) => id === name));
  if (unknown !== undefined || !Number.isInteger(seeds) || seeds < 1) {
    process.stderr.write(`"${unknown ?? times}" is no fault or no number of seeds.\n`);
    return 2;
  }
  if (values.real !== undefined) {
    return (await measureReal(positionals, seeds, values.pages)) ? 0 : 1;
  }
  let isMet = true;
  for (const fault of faults.filter(({ id }) => positionals.length === 0 || positionals.includes(id))) {
    for (const variant of variantsOf(fault)) {
      const row = await measureRow(variant, seeds);
      printRow(row);
      isMet &&= row.met === row.seeds;
    }
  }
  return isMet ? 0 : 1;
}

process.exitCode = await main();
