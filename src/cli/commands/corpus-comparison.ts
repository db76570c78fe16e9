import { groupedDigits } from '../../base/grouped-digits.ts';
import { sortedFinite } from '../../base/statistics.ts';
import type { PartAgreement } from '../../phases/fit/corpus.ts';
import type { UnusableFile } from '../../phases/import/files.ts';
import { histogram, histogramLines } from '../histogram.ts';
import { formatQuantity } from './corpus-shape.ts';

const shownFiles = 10;

/** Columns of text: the first to the left, the others to the right. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2)))
      .join('')
      .trimEnd(),
  );
}

/** What is spread less has no shape to draw. */
const leastSpread = 1.05;
const summaryKeys = ['least', 'median', 'mean', 'most', 'total'] as const;

function summaryOf(values: readonly number[]): Readonly<Record<(typeof summaryKeys)[number], number>> {
  const sorted = sortedFinite(values);
  const total = sorted.reduce((all, value) => all + value, 0);
  return {
    least: sorted[0] ?? Number.NaN,
    median: sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN,
    mean: total / sorted.length,
    most: sorted.at(-1) ?? Number.NaN,
    total,
  };
}

/** One number of all items of one or more distributions. */
export interface Comparison {
  title: string;
  unit: string;
  columns: readonly { name: string; values: readonly number[] }[];
}

/** Small pictures are not `0.00 MP`. */
function formatValue(unit: string, value: number): string {
  return unit === 'pixels' && value < 100_000 ? `${groupedDigits(Math.round(value))} px` : formatQuantity(unit, value);
}

/** Totals and a histogram with a column each, so that a reader sees where they differ. */
export function comparisonLines({ title, unit, columns }: Comparison): string[] {
  const format = (value: number): string => formatValue(unit, value);
  const summaries = columns.map(({ values }) => summaryOf(values));
  const least = Math.min(...summaries.map((summary) => summary.least));
  const most = Math.max(...summaries.map((summary) => summary.most));
  const { edges } = histogram(columns.flatMap(({ values }) => values));
  const bars = columns.map(({ name, values }) => ({ name, counts: histogram(values, { edges }).counts }));
  return [
    ...tableLines([
      [title, ...columns.map(({ name }) => name)],
      ['items', ...columns.map(({ values }) => String(values.length))],
      ...summaryKeys.map((key) => [key, ...summaries.map((summary) => format(summary[key]))]),
    ]),
    ...(most < least * leastSpread ? [] : ['', ...histogramLines(title, bars, edges, format)]),
  ];
}

/** One line a part of the recipe: how many items of the source and of the recipe it holds. */
export function partLines(parts: readonly PartAgreement[], outside: number): string[] {
  const differences = parts.map(({ wantedCount, recipeCount }) => recipeCount - wantedCount);
  const isScaled = parts.some(({ sourceCount, wantedCount }) => sourceCount !== wantedCount);
  const worst = Math.max(outside, ...differences.map(Math.abs));
  const number = (value: number): string => String(Number(value.toFixed(1)));
  return [
    ...tableLines([
      ['part', 'source', ...(isScaled ? ['wanted'] : []), 'recipe', 'difference'],
      ...parts.map(({ label, sourceCount, wantedCount, recipeCount }, index) => [
        label,
        String(sourceCount),
        ...(isScaled ? [number(wantedCount)] : []),
        String(recipeCount),
        number(differences[index] ?? 0),
      ]),
    ]),
    worst <= 1
      ? 'Every part agrees within one item.'
      : `The parts differ by up to ${number(worst)} items: the recipe is not a good fit.`,
  ];
}

/** `1 item`, `200 items`. */
export function itemsText(count: number): string {
  return `${count} ${count === 1 ? 'item' : 'items'}`;
}

/** Blocks with an empty line between them; a block without lines is no block. */
export function joinBlocks(blocks: readonly (readonly string[])[]): string {
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** Why files were left out: the first few, then how many more. */
export function unusableLines(unusable: readonly UnusableFile[]): string[] {
  if (unusable.length === 0) {
    return [];
  }
  const more = unusable.length - shownFiles;
  return [
    `${unusable.length} ${unusable.length === 1 ? 'file was' : 'files were'} left out:`,
    ...unusable.slice(0, shownFiles).map(({ file, reason }) => `  ${file}: ${reason}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
