import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { findById } from '../../base/by-id.ts';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { formatBytes } from '../../base/units.ts';
import type { RecordImporter, ResultFile } from '../../model/importer.ts';

const headBytes = 64 * 1024;
/** A parsed JSON takes several times its text; more would bring the harness itself near its own bound. */
const jsonLimitBytes = 512 * 1024 ** 2;
/** A point of k6 is 600 bytes long, a record of aiperf with every token gap some 100 KiB. */
const lineLimitCharacters = 16 * 1024 ** 2;

const unreadable = (message: string, hint: string, cause?: unknown): BenchError =>
  new BenchError('RESULT_UNREADABLE', message, cause === undefined ? { hint } : { hint, cause });

/** The beginning of the file; throws RESULT_UNREADABLE if there is none. */
function headOf(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error: unknown) {
    throw unreadable(
      `The request data ${path} cannot be read: ${systemCodeOf(error) ?? 'unknown'}.`,
      'Let the command write it there, for example k6 run --out json=FILE.',
      error,
    );
  }
  try {
    const head = Buffer.alloc(headBytes);
    return head.toString('utf8', 0, readSync(descriptor, head, 0, headBytes, 0));
  } catch (error: unknown) {
    throw unreadable(`The request data ${path} is no file that can be read.`, 'Give the path of a file.', error);
  } finally {
    closeSync(descriptor);
  }
}

/** By content, or by the id that a user named. Throws RESULT_UNREADABLE with what is known. */
export function chooseImporter(
  importers: readonly RecordImporter[],
  path: string,
  format: string | null,
): RecordImporter {
  if (format !== null) {
    return findById('format', importers, format);
  }
  const head = headOf(path);
  const found = importers.find((importer) => importer.recognises(head));
  if (found === undefined) {
    const known = importers.map(({ id, title }) => `${id} (${title})`).join(', ');
    throw unreadable(`${path} is of no format that is known here.`, `Name its format with --format, one of: ${known}.`);
  }
  return found;
}

/** Reads a file as an importer wants it, within bounds. */
export function openResultFile(path: string): ResultFile {
  return {
    name: path,
    lines: () => linesOf(path),
    json() {
      const { size } = statSync(path);
      if (size > jsonLimitBytes) {
        throw unreadable(
          `${path} has ${formatBytes(size)}; JSON is read up to ${formatBytes(jsonLimitBytes)}.`,
          'Keep less per request, or split the run.',
        );
      }
      try {
        return Promise.resolve(JSON.parse(readFileSync(path, 'utf8')) as unknown);
      } catch (error: unknown) {
        throw unreadable(`${path} is no whole JSON.`, 'Was the command ended before it had written it?', error);
      }
    },
  };
}

async function* linesOf(path: string): AsyncIterable<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > lineLimitCharacters) {
      throw unreadable(
        `${path} has a line of more than ${formatBytes(lineLimitCharacters)}.`,
        'It is not the line-by-line format that it began as.',
      );
    }
  }
  if (rest !== '') {
    yield rest;
  }
}
