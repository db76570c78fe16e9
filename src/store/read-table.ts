import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { BenchError } from '../base/errors.ts';
import { RowFault, RowReader, type TableRow } from './table-row.ts';
import { wholeRows } from './whole-rows.ts';

const newline = 0x0a;
const longestHeaderBytes = 4096;

/** What was left out of a table while it was read. */
export interface TableRead {
  rows: number;
  /** Bytes behind the last whole row, which a killed writer left; they are dropped. */
  tornBytes: number;
}

/** Where each wanted column stands in the file. Columns of a newer minor schema are passed over. */
function placesOf(path: string, columns: readonly string[], header: readonly string[]): number[] {
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new BenchError(
      'RESULT_UNREADABLE',
      `${path} has the columns ${header.join()}; it lacks ${missing.join(', ')}.`,
      { hint: 'If the run is of an older bench: bench migrate RUN.' },
    );
  }
  return columns.map((column) => header.indexOf(column));
}

/** The columns of a table as they stand in the file; empty for a file without a whole line. */
export function headerOf(path: string): readonly string[] {
  const descriptor = openSync(path, 'r');
  try {
    const block = Buffer.alloc(longestHeaderBytes);
    const read = block.subarray(0, readSync(descriptor, block, 0, block.length, 0));
    const end = read.indexOf(newline);
    return end < 0 ? [] : read.toString('utf8', 0, end).split(',');
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Streams the rows of a CSV file, so that a run of hours is never whole in memory as text. Fields come in the order
 * of `columns`. Throws RESULT_UNREADABLE if the file, a column or a field of a row is missing.
 */
export async function scanTable(
  path: string,
  columns: readonly string[],
  onRow: (row: TableRow) => void,
): Promise<TableRead> {
  if (!existsSync(path)) {
    throw new BenchError('RESULT_UNREADABLE', `${path} is missing.`, {
      hint: 'Check the folder with: bench verify RUN',
    });
  }
  const read: TableRead = { rows: 0, tornBytes: 0 };
  const blocks = wholeRows(path, (bytes) => {
    read.tornBytes = bytes;
  });
  const reader = new RowReader();
  let width: number | null = null;
  try {
    for await (const block of blocks) {
      for (let at = 0; at < block.length; ) {
        at = reader.next(block, at);
        if (width === null) {
          width = reader.fields;
          reader.choose(placesOf(path, columns, reader.all()));
        } else if (reader.fields === width) {
          read.rows += 1;
          onRow(reader);
        } else {
          throw new RowFault(`it has ${reader.fields} fields instead of ${width}`);
        }
      }
    }
  } catch (error: unknown) {
    throw error instanceof RowFault
      ? new BenchError('RESULT_UNREADABLE', `${path} is no whole table: row ${read.rows + 1}: ${error.message}.`, {
          hint: 'A byte of it was changed, or it is another file: bench verify RUN.',
          cause: error,
        })
      : error;
  }
  return read;
}

/** The same with all wanted fields of a row as texts. */
export async function readTable(
  path: string,
  columns: readonly string[],
  onRow: (fields: readonly string[]) => void,
): Promise<TableRead> {
  return await scanTable(path, columns, (row) => onRow(columns.map((_, column) => row.text(column))));
}
