import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../../base/digest.ts';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import type { Corpus, CorpusItem } from '../../model/corpus.ts';

/** What is done with the bytes of each item: only hashed, written to a folder, or compared with what lies there. */
export type ItemTask = { kind: 'hash' } | { kind: 'write'; folder: string } | { kind: 'compare'; folder: string };

/** The bytes of an item or an attachment as they were made. */
export interface MadeFile {
  bytes: number;
  sha256: string;
}

/** What is wrong with a built folder, or with a file that was listed. */
export interface CorpusFault {
  kind: 'changed' | 'unreadable' | 'missing' | 'torn' | 'half-built';
  detail: string;
}

/** As one line. */
export function faultLine({ kind, detail }: CorpusFault): string {
  return `${kind}: ${detail}`;
}

export interface ItemOutcome {
  index: number;
  /** The item, then its attachments. */
  files: readonly MadeFile[];
  /** What is wrong with the files in the folder. */
  faults: readonly CorpusFault[];
}

/** How far it is; `items` and `bytes` are done. */
export interface WorkProgress {
  items: number;
  itemsWanted: number;
  bytes: number;
  bytesWanted: number;
}

/** Works through items in any order; `onOutcome` is called once for each. Stops early if `signal` aborts. */
export type WorkOnItems = (
  task: ItemTask,
  indexes: readonly number[],
  onOutcome: (outcome: ItemOutcome) => void,
  signal: AbortSignal | null,
) => Promise<void>;

/** An item and what goes along with it, in the order of the content digest. */
export function filesOf(item: CorpusItem): readonly CorpusItem[] {
  return item.attachments.length === 0 ? [item] : [item, ...item.attachments.flatMap(filesOf)];
}

export function bytesWithAttachments(item: CorpusItem): number {
  return filesOf(item).reduce((all, { bytes }) => all + bytes, 0);
}

/** Of some items of a corpus, attachments included. */
export function bytesOfItems(corpus: Corpus, indexes: readonly number[]): number {
  return indexes.reduce((all, index) => {
    const item = corpus.items[index];
    return item === undefined ? all : all + bytesWithAttachments(item);
  }, 0);
}

export function bytesOfOutcome({ files }: ItemOutcome): number {
  return files.reduce((all, { bytes }) => all + bytes, 0);
}

/** SHA-256 over the lower-case hex SHA-256 of every item in order; attachments follow their item. */
export function contentDigestOf(outcomes: readonly ItemOutcome[]): string {
  const ordered = [...outcomes].sort((a, b) => a.index - b.index);
  return sha256Hex(ordered.flatMap(({ files }) => files.map(({ sha256 }) => sha256)).join(''));
}

function refuseOtherLength(item: CorpusItem, bytes: number): void {
  if (bytes !== item.bytes) {
    throw new BenchError(
      'CORPUS_DIGEST_MISMATCH',
      `${item.id} has ${bytes} bytes where ${item.bytes} were announced.`,
      {
        hint: 'Report it with the recipe: the generator breaks its word.',
      },
    );
  }
}

/** Hands each chunk to `see` with its position, and returns length and SHA-256. */
function make(item: CorpusItem, see: (chunk: Uint8Array, at: number) => void): MadeFile {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const chunk of item.chunks()) {
    hash.update(chunk);
    see(chunk, bytes);
    bytes += chunk.length;
  }
  refuseOtherLength(item, bytes);
  return { bytes, sha256: hash.digest('hex') };
}

/** Files of the user may have changed since they were listed; null: nothing was announced, or it is so. */
function sourceFault(item: CorpusItem, made: MadeFile): CorpusFault | null {
  return item.sha256 === null || item.sha256 === made.sha256
    ? null
    : {
        kind: 'changed',
        detail: `${item.id} has SHA-256 ${made.sha256.slice(0, 12)}, but was listed with ${item.sha256.slice(0, 12)}`,
      };
}

const fullDisk = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** The error for a folder that takes no more; anything but a failure of the system stays as it is. */
export function writeFailure(path: string, error: unknown): unknown {
  const code = systemCodeOf(error);
  if (code === null || error instanceof BenchError) {
    return error;
  }
  return fullDisk.includes(code)
    ? new BenchError('NO_SPACE', `${path} cannot be written: the disk is full (${code}).`, {
        hint: 'Free some space and give the same command: it goes on where it stopped.',
        cause: error,
      })
    : new BenchError('USAGE', `${path} cannot be written: ${code}.`, {
        hint: 'Give a writable folder with --out.',
        cause: error,
      });
}

export const partSuffix = '.part';

/** Writes beside the place, syncs, renames: under its own name a file is always whole. */
export function writeItemFile(item: CorpusItem, folder: string, write: typeof writeSync = writeSync): MadeFile {
  const path = join(folder, item.fileName);
  const part = `${path}${partSuffix}`;
  try {
    const file = openSync(part, 'w');
    try {
      const made = make(item, (chunk) => {
        for (let at = 0; at < chunk.length; ) {
          at += write(file, chunk, at, chunk.length - at);
        }
      });
      const fault = sourceFault(item, made);
      if (fault !== null) {
        throw new BenchError('CORPUS_DIGEST_MISMATCH', `${faultLine(fault)}.`, {
          hint: 'Put the listed file back, or run `bench corpus import` again.',
        });
      }
      fsyncSync(file);
      renameSync(part, path);
      return made;
    } finally {
      closeSync(file);
    }
  } catch (error: unknown) {
    removeQuietly(part);
    throw writeFailure(path, error);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What made the writing fail may forbid this too; the next build removes the rest.
  }
}

/** null: there is no such file. */
export function fileBytes(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined || !found.isFile() ? null : found.size;
}

/** Compares chunk by chunk with an open file; the position of the first byte that differs, or null. */
function compareOpen(item: CorpusItem, file: number): { made: MadeFile; differsAt: number | null } {
  let differsAt: number | null = null;
  let held = Buffer.alloc(0);
  const made = make(item, (chunk, at) => {
    if (differsAt !== null) {
      return;
    }
    held = held.length < chunk.length ? Buffer.alloc(chunk.length) : held;
    const length = readSync(file, held, 0, chunk.length, at);
    if (held.compare(chunk, 0, chunk.length, 0, length) !== 0) {
      differsAt = at + chunk.findIndex((byte, index) => index >= length || byte !== held[index]);
    }
  });
  return { made, differsAt };
}

function compareItemFile(item: CorpusItem, folder: string): { made: MadeFile; fault: CorpusFault | null } {
  const path = join(folder, item.fileName);
  const found = fileBytes(path);
  if (found !== item.bytes) {
    const kind = found !== null && found > item.bytes ? 'changed' : 'torn';
    return {
      made: make(item, () => undefined),
      fault:
        found === null
          ? { kind: 'missing', detail: item.fileName }
          : { kind, detail: `${item.fileName} has ${found} bytes instead of ${item.bytes}` },
    };
  }
  try {
    const file = openSync(path, 'r');
    try {
      const { made, differsAt } = compareOpen(item, file);
      const detail = `${item.fileName} differs from byte ${differsAt} on`;
      return { made, fault: differsAt === null ? null : { kind: 'changed', detail } };
    } finally {
      closeSync(file);
    }
  } catch (error: unknown) {
    const code = systemCodeOf(error);
    if (code === null || error instanceof BenchError) {
      throw error;
    }
    return { made: make(item, () => undefined), fault: { kind: 'unreadable', detail: `${item.fileName} (${code})` } };
  }
}

export function workOnItem(item: CorpusItem, index: number, task: ItemTask): ItemOutcome {
  const files = filesOf(item);
  if (task.kind === 'write') {
    return { index, files: files.map((file) => writeItemFile(file, task.folder)), faults: [] };
  }
  const checked = files.map((file) => {
    const { made, fault } =
      task.kind === 'hash' ? { made: make(file, () => undefined), fault: null } : compareItemFile(file, task.folder);
    return { made, faults: [sourceFault(file, made), fault].filter((found) => found !== null) };
  });
  return { index, files: checked.map(({ made }) => made), faults: checked.flatMap(({ faults }) => faults) };
}

/** All work in the calling thread. */
export function workHere(corpus: Corpus): WorkOnItems {
  return (task, indexes, onOutcome, signal) => {
    for (const index of indexes) {
      const item = corpus.items[index];
      if (item === undefined || signal?.aborted === true) {
        break;
      }
      onOutcome(workOnItem(item, index, task));
    }
    return Promise.resolve();
  };
}
