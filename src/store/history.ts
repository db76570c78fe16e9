import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError, systemCodeOf } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { isPathPart } from '../base/path-part.ts';
import type { HistoryLine, HistorySession } from '../model/history.ts';
import { schemaVersion } from '../model/result.ts';

const newline = 0x0a;

export function historyFolder(outFolder: string): string {
  return join(outFolder, 'history');
}

export function historyFile(outFolder: string, series: string): string {
  return join(historyFolder(outFolder), `${series}.jsonl`);
}

/** All history files of a results folder, by name. */
export function historyFiles(outFolder: string): readonly string[] {
  const folder = historyFolder(outFolder);
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.jsonl'))
        .sort()
        .map((name) => join(folder, name))
    : [];
}

/** The lines of a history in the order of the file; no file is an empty history, and a torn last line is none. */
export function readHistory(path: string): readonly HistoryLine[] {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, `${path}:${index + 1}`)]));
}

function parseLine(text: string, place: string): HistoryLine {
  const hint = 'Take the line out, or restore the file from a copy.';
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error: unknown) {
    throw new BenchError('RESULT_UNREADABLE', `${place} is no JSON.`, { hint, cause: error });
  }
  if (!isHistoryLine(line) || !isPathPart(line.series)) {
    throw new BenchError('RESULT_UNREADABLE', `${place} is no line of a history.`, { hint });
  }
  if (Number.parseInt(line.schemaVersion, 10) > Number.parseInt(schemaVersion, 10)) {
    throw new BenchError(
      'RESULT_UNREADABLE',
      `${place} has schema ${line.schemaVersion}; this bench reads up to ${schemaVersion}.`,
      { hint: 'Use a newer headroom to read it.' },
    );
  }
  return line;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** All that is read of a line without a look whether it is there. */
function isHistoryLine(line: unknown): line is HistoryLine {
  if (!isObject(line) || ![line['series'], line['schemaVersion'], line['at']].every(isText)) {
    return false;
  }
  const comparability = line['comparability'];
  switch (line['kind']) {
    case 'session':
      return (
        [line['sessionId'], line['profile'], line['state']].every(isText) &&
        [line['runIds'], line['metrics'], line['identities']].every(Array.isArray) &&
        [line['subject'], isObject(comparability) ? comparability['must'] : null].every(isObject)
      );
    case 'acceptance':
      return isText(line['fromSessionId']);
    case 'reference':
      return Array.isArray(line['metrics']) && Array.isArray(line['sessionIds']);
    default:
      return false;
  }
}

/** The last session of each series in the files. */
export function lastSessions(paths: readonly string[]): readonly HistorySession[] {
  const last = new Map<string, HistorySession>();
  for (const line of paths.flatMap(readHistory)) {
    if (line.kind === 'session') {
      last.set(line.series, line);
    }
  }
  return [...last.values()];
}

/**
 * Appends lines (PROTOCOL 12.8): one system call on an append descriptor, then fsync of file and folder. What a killed writer left of
 * a line was never acknowledged, and is cut off first.
 */
export function appendHistory(path: string, lines: readonly HistoryLine[]): void {
  try {
    makeFolder(dirname(path));
    const descriptor = openSync(path, 'a+');
    try {
      cutTornLine(path, descriptor);
      writeSync(descriptor, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    syncFolder(dirname(path));
  } catch (error: unknown) {
    throw unwritable(path, error);
  }
}

function cutTornLine(path: string, descriptor: number): void {
  const content = readFileSync(path);
  if (content.length > 0 && content.at(-1) !== newline) {
    ftruncateSync(descriptor, content.lastIndexOf(newline) + 1);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What to say of a history, or of a decision beside it, that cannot be written. */
export function unwritable(path: string, error: unknown): BenchError {
  return new BenchError('NO_SPACE', `${path} cannot be written: ${systemCodeOf(error) ?? 'unknown'}.`, {
    hint: 'Give another file with --history, or make its folder writable.',
    cause: error,
  });
}
