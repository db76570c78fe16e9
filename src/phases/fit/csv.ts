import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { CsvError, parse } from 'csv-parse';
import { BenchError } from '../../base/errors.ts';
import type { TableRow } from './table.ts';

const separators = [';', '\t', ','] as const;
const plainNumber = /^\s*\d+(\.\d+)?\s*$/;

export async function firstLineOf(path: string): Promise<string | null> {
  const stream = createReadStream(path, { encoding: 'utf8', end: 65_535 });
  try {
    for await (const line of createInterface({ input: stream })) {
      if (line.trim() !== '') {
        return line.replace(/^\uFEFF/, '');
      }
    }
    return null;
  } finally {
    stream.destroy();
  }
}

/** The names of the columns, or false for a single column of numbers without a name. */
function headerOf(first: string, separator: string, path: string): string[] | null {
  const cells = first.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  const numbers = cells.filter((cell) => plainNumber.test(cell)).length;
  if (numbers === 0) {
    return cells;
  }
  if (cells.length === 1) {
    return null;
  }
  throw new BenchError('USAGE', `${path}:1: the ${cells.length} columns have no names.`, {
    hint: 'Open the file with a line such as "bytes", "seconds", "tokens" or "width,height,bytes".',
  });
}

function refuseRow(error: unknown, path: string): BenchError | null {
  if (!(error instanceof CsvError)) {
    return null;
  }
  const line = Number((error as { lines?: unknown }).lines);
  const place = Number.isFinite(line) ? `${path}:${line}` : path;
  const isWidth = error.code.startsWith('CSV_RECORD_INCONSISTENT');
  const what = isWidth ? 'this row has another number of columns than the first one' : 'this row is not valid CSV';
  return new BenchError('USAGE', `${place}: ${what}.`, {
    hint: 'Mend the row; numbers take a point and no thousands separators.',
    cause: error,
  });
}

/** Rows of a CSV file with a header, or of one nameless column of bytes. Throws USAGE with file and line. */
export async function* csvRows(path: string, first: string): AsyncGenerator<TableRow> {
  const delimiter = separators.find((separator) => first.includes(separator)) ?? ',';
  const header = headerOf(first, delimiter, path);
  const columns = header ?? ['bytes'];
  const parser = createReadStream(path).pipe(
    parse({ bom: true, delimiter, info: true, trim: true, skip_empty_lines: true, from: header === null ? 1 : 2 }),
  );
  try {
    for await (const { info, record } of parser as AsyncIterable<{ info: { lines: number }; record: string[] }>) {
      yield { line: info.lines, fields: Object.fromEntries(columns.map((name, index) => [name, record[index] ?? ''])) };
    }
  } catch (error: unknown) {
    throw refuseRow(error, path) ?? error;
  }
}
