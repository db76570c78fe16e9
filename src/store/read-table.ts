import { closeSync, createReadStream, existsSync, openSync, readSync, statSync } from 'node:fs';
import { parse } from 'csv-parse';
import { BenchError } from '../base/errors.ts';

/** Length of a file up to and with its last newline: what a killed writer left behind it is dropped. */
function wholeLinesLength(path: string): number {
  const descriptor = openSync(path, 'r');
  try {
    const block = Buffer.alloc(4096);
    let end = statSync(path).size;
    while (end > 0) {
      const start = Math.max(0, end - block.length);
      const read = readSync(descriptor, block, 0, end - start, start);
      const newline = block.subarray(0, read).lastIndexOf(10);
      if (newline >= 0) {
        return start + newline + 1;
      }
      end = start;
    }
    return 0;
  } finally {
    closeSync(descriptor);
  }
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
  const length = wholeLinesLength(path);
  if (length === 0) {
    return;
  }
  const parser = createReadStream(path, { end: length - 1 }).pipe(parse({ relax_column_count: false }));
  let isHeader = true;
  for await (const fields of parser as AsyncIterable<string[]>) {
    if (isHeader) {
      isHeader = false;
      if (fields.join() !== columns.join()) {
        throw new BenchError('RESULT_UNREADABLE', `${path} has the columns ${fields.join()}.`, {
          hint: `This bench reads ${columns.join()}.`,
        });
      }
      continue;
    }
    onRow(fields);
  }
}
