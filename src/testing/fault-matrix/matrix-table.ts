import type { Miss } from '../fault-world/variants.ts';
import type { Outcome } from './outcomes.ts';

/** A variant over its seeds. */
interface MatrixRow {
  variant: string;
  met: number;
  seeds: number;
  /** Each way to miss, with the seeds that did and the sentence of the first. */
  misses: ReadonlyMap<string, { seeds: number[]; summary: string }>;
}

export function missText({ detector, verdict, expected }: Miss): string {
  return `${detector} is ${verdict}, not ${expected}`;
}

function rowOf(variant: string, outcomes: readonly Outcome[]): MatrixRow {
  const misses = new Map<string, { seeds: number[]; summary: string }>();
  for (const { seed, misses: found } of outcomes.toSorted((a, b) => a.seed - b.seed)) {
    for (const miss of found) {
      const known = misses.get(missText(miss)) ?? { seeds: [], summary: miss.summary };
      known.seeds.push(seed);
      misses.set(missText(miss), known);
    }
  }
  const met = outcomes.filter((one) => one.misses.length === 0).length;
  return { variant, met, seeds: outcomes.length, misses };
}

/** Lines in the order of the variants: how many seeds were as expected, and below each that was not how. */
export function matrixTable(variants: readonly string[], outcomes: readonly Outcome[]): readonly string[] {
  const rows = variants.map((variant) =>
    rowOf(
      variant,
      outcomes.filter((one) => one.variant === variant),
    ),
  );
  const met = rows.filter((row) => row.met === row.seeds && row.seeds > 0).length;
  return [
    ...rows.flatMap(({ variant, met: right, seeds, misses }) => [
      `${variant}  ${right} of ${seeds}`,
      ...[...misses].map(([text, one]) => `    seed ${one.seeds.join(', ')}: ${text}: ${one.summary}`),
    ]),
    `${met} of ${rows.length} variants with every seed as expected`,
  ];
}
