import { BenchError } from '../../base/errors.ts';
import { groupedDigits } from '../../base/grouped-digits.ts';
import { formatDuration } from '../../base/units.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { listYaml } from '../library.ts';
import { formatSize } from '../sizes.ts';
import { openTerminal } from '../terminal.ts';
import { totalBytes } from './corpus-inspect.ts';
import { openByName } from './corpus-open.ts';

const columns = ['name', 'items', 'bytes', 'holds', 'generator', 'title'] as const;
/** One cell for each column. */
type Row = readonly string[];

/** The amount that makes a corpus costly, in the unit of its kind. */
function amountOf(items: readonly CorpusItem[]): string {
  const sum = (trait: string): number => items.reduce((all, item) => all + (item.traits[trait] ?? 0), 0);
  const has = (trait: string): boolean => items.some((item) => item.traits[trait] !== undefined);
  if (has('audioSeconds')) {
    return `${formatDuration(sum('audioSeconds') * 1000)} audio`;
  }
  if (has('pixels')) {
    return `${groupedDigits(Math.round(sum('pixels') / 1e6))} MP`;
  }
  if (has('estimatedTokens')) {
    return `${groupedDigits(Math.round(sum('estimatedTokens')))} tokens`;
  }
  return has('characters') ? `${groupedDigits(Math.round(sum('characters')))} characters` : '';
}

function rowOf(name: string): Row {
  const { corpus, generator } = openByName(name);
  const { items, title } = corpus;
  return [name, groupedDigits(items.length), formatSize(totalBytes(corpus)), amountOf(items), generator.id, title];
}

/** Lines of a table: numbers right, words left. With a width, one that does not fit puts the titles below. */
export function tableLines(rows: readonly Row[], width: number | null): string[] {
  const table: readonly Row[] = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const isTooWide = width !== null && widths.reduce((all, cell) => all + cell + 2, -2) > width;
  return table.flatMap((row, index) => {
    const cells = row.map((cell, column) => {
      const cellWidth = widths[column] ?? 0;
      return column >= 1 && column <= 3 ? cell.padStart(cellWidth) : cell.padEnd(cellWidth);
    });
    if (!isTooWide) {
      return [cells.join('  ').trimEnd()];
    }
    const title = `  ${row.at(-1) ?? ''}`;
    const shown = title.length > width ? `${title.slice(0, width - 1)}…` : title;
    return [cells.slice(0, -1).join('  ').trimEnd(), ...(index === 0 ? [] : [shown])];
  });
}

/** One line a corpus; a recipe that cannot be opened says why, and the others are still listed. */
export function corpusListCommand(): Promise<number> {
  const terminal = openTerminal();
  const rows: Row[] = [];
  let firstFailure: BenchError | null = null;
  for (const name of listYaml('corpora')) {
    try {
      rows.push(rowOf(name));
    } catch (error: unknown) {
      if (!(error instanceof BenchError)) {
        throw error;
      }
      firstFailure ??= error;
      terminal.err(`${name}: ${error.message}${error.hint === null ? '' : ` ${error.hint}`}`);
    }
  }
  terminal.out(tableLines(rows, process.stdout.isTTY ? terminal.columns : null).join('\n'));
  return Promise.resolve(firstFailure?.exitCode ?? 0);
}
