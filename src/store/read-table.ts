import { closeSync, createReadStream, existsSync, openSync, readSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { BenchError } from '../base/errors.ts';

const blockBytes = 1024 * 1024;
const quote = '"'.charCodeAt(0);
const newline = '\n'.charCodeAt(0);

/**
 * Length of a file up to and with the end of its last whole row: what a killed writer left behind it is dropped. A
 * newline between quotes ends no row; a quote inside of a field is doubled (RFC 4180), so that counting them is enough.
 */
function wholeRowsLength(path: string): number {
  const descriptor = openSync(path, 'r');
  try {
    const block = Buffer.alloc(blockBytes);
    let length = 0;
    let isQuoted = false;
    for (let start = 0, read = -1; read !== 0; start += read) {
      read = readSync(descriptor, block, 0, block.length, start);
      for (let at = 0, to = 0; at < read; at = to + 1, isQuoted = to < read ? !isQuoted : isQuoted) {
        const next = block.indexOf(quote, at);
        to = next < 0 || next >= read ? read : next;
        const rowEnd = isQuoted ? -1 : block.subarray(at, to).lastIndexOf(newline);
        length = rowEnd < 0 ? length : start + at + rowEnd + 1;
      }
    }
    return length;
  } finally {
    closeSync(descriptor);
  }
}

/** A damaged table, told in one line; anything else comes back as it is. */
function unreadable(path: string, error: unknown): unknown {
  return error instanceof CsvError
    ? new BenchError('RESULT_UNREADABLE', `${path} is damaged: ${error.message}.`, {
        hint: 'Check the folder with: bench verify RUN',
        cause: error,
      })
    : error;
}

/**
 * Streams the rows of a CSV file, so that a run of hours is never whole in memory as text.
 * Throws RESULT_UNREADABLE if the header is not `columns`.
 */
export async function readTable(
  path: string,
  columns: readonly string[],
  onRow: (fields: readonly string[]) => void,
): Promise<void> {
  if (!existsSync(path)) {
    throw new BenchError('RESULT_UNREADABLE', `${path} is missing.`, {
      hint: 'Check the folder with: bench verify RUN',
    });
  }
  const length = wholeRowsLength(path);
  if (length === 0) {
    return;
  }
  const parser = createReadStream(path, { end: length - 1 }).pipe(parse({ relax_column_count: false }));
  let isHeader = true;
  try {
    for await (const fields of parser as AsyncIterable<string[]>) {
      if (isHeader) {
        isHeader = false;
        assertColumns(path, fields, columns);
      } else {
        onRow(fields);
      }
    }
  } catch (error: unknown) {
    throw unreadable(path, error);
  }
}

function assertColumns(path: string, fields: readonly string[], columns: readonly string[]): void {
  if (fields.join() !== columns.join()) {
    throw new BenchError('RESULT_UNREADABLE', `${path} has the columns ${fields.join()}.`, {
      hint: `This bench reads ${columns.join()}.`,
    });
  }
}
