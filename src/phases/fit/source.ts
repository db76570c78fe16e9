import { stat } from 'node:fs/promises';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { examineFile } from '../import/files.ts';
import { csvRows, firstLineOf } from './csv.ts';
import { measureFolder } from './folder.ts';
import { isAccessLog, jsonFields, LogLines, plainFields } from './log.ts';
import type { MeasuredSource } from './sample.ts';
import { measureTable, type Table, type TableOptions } from './table.ts';

function tableOf(path: string, first: string): Table {
  const isJson = first.startsWith('{');
  if (isJson || isAccessLog(first)) {
    const log = new LogLines(path, isJson ? jsonFields : plainFields);
    return {
      path,
      noun: 'requests',
      isStrict: false,
      rows: log.rows(),
      notes: () => log.notes(),
      emptyHint: 'Only POST, PUT and PATCH send something; give a log that holds them.',
      missingHint: isJson
        ? 'Say which field holds the size or length of a request with --column NAME.'
        : 'Add the length of the request to the log ($request_length in nginx, %I in Apache), or take the replies with --column body_bytes_sent.',
    };
  }
  return {
    path,
    noun: 'rows',
    isStrict: true,
    rows: csvRows(path, first),
    notes: () => [],
    emptyHint: 'Write one row an item below the header.',
    missingHint: 'Name the columns so, or say which one counts with --column NAME.',
  };
}

/** A table is text; one recording is no distribution. */
async function refuseMedia(source: string): Promise<void> {
  const found = await examineFile(source, source);
  const hint = 'Give a folder of files, a CSV file of sizes, or an access log, both in UTF-8.';
  if ('reason' in found) {
    throw new BenchError('USAGE', `${source}: ${found.reason}`, { hint });
  }
  if (found.mediaType !== 'text/plain') {
    throw new BenchError('USAGE', `${source} is a single file of ${found.mediaType}.`, { hint });
  }
}

/**
 * SOURCE -> numbers: a folder by the headers of its files, a table by its columns, a log by its fields.
 * Throws USAGE with file, place and remedy.
 */
export async function measureSource(source: string, options: TableOptions): Promise<MeasuredSource> {
  const facts = await stat(source).catch((error: unknown) => {
    const isMissing = systemCodeOf(error) === 'ENOENT';
    throw new BenchError('USAGE', `${source} ${isMissing ? 'does not exist' : 'cannot be read'}.`, {
      hint: isMissing ? 'Give a folder of files, a CSV file of sizes, or an access log.' : 'Check its permissions.',
      cause: error,
    });
  });
  if (facts.isDirectory()) {
    return measureFolder(source, options.kind);
  }
  if (!facts.isFile()) {
    throw new BenchError('USAGE', `${source} is neither a folder nor a file.`, {
      hint: 'Write what it gives into a file first.',
    });
  }
  if (facts.size === 0) {
    throw new BenchError('USAGE', `${source} is empty.`, { hint: 'Give a file with one row or line an item.' });
  }
  await refuseMedia(source);
  const first = await firstLineOf(source);
  if (first === null) {
    throw new BenchError('USAGE', `${source} holds empty lines only.`, {
      hint: 'Give a file with one row or line an item.',
    });
  }
  if (first.startsWith('[')) {
    throw new BenchError('USAGE', `${source}:1 begins a JSON array.`, { hint: 'Write one JSON object a line.' });
  }
  return measureTable(tableOf(source, first), options);
}
