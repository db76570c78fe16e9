import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { BenchError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { replaceFile } from '../../base/replace-file.ts';
import { formatBytes } from '../../base/units.ts';
import type { Corpus, CorpusItem } from '../../model/corpus.ts';
import {
  closingLine,
  type FolderManifest,
  itemLine,
  type ManifestHeader,
  manifestName,
  manifestPath,
  readFolderManifest,
} from './manifest.ts';
import {
  bytesOfItems,
  bytesOfOutcome,
  fileBytes,
  filesOf,
  partSuffix,
  type WorkOnItems,
  type WorkProgress,
  writeFailure,
} from './work.ts';

export interface BuildOptions {
  corpus: Corpus;
  header: ManifestHeader;
  folder: string;
  /** Which items to build, rising. */
  indexes: readonly number[];
  work: WorkOnItems;
  onProgress(progress: WorkProgress): void;
  signal: AbortSignal | null;
}

export interface BuildSummary {
  built: { items: number; bytes: number };
  /** Items that lay there already. */
  kept: number;
  /** Items of the whole corpus that lie there now. */
  present: number;
  isComplete: boolean;
}

function refuse(folder: string, what: string): BenchError {
  return new BenchError('USAGE', `${folder} ${what}`, { hint: 'Give another folder with --out, or empty this one.' });
}

/** A file name from a recipe must never lead out of the folder, nor may two items share one. */
function refuseUnsafeNames(items: readonly CorpusItem[]): void {
  const owners = new Map<string, string>();
  for (const { fileName, id } of items.flatMap(filesOf)) {
    const owner = owners.get(fileName) ?? id;
    const isPlain = basename(fileName) === fileName && fileName !== '' && fileName !== '.' && fileName !== '..';
    if (!isPlain || fileName === manifestName || fileName.endsWith(partSuffix) || owner !== id) {
      throw new BenchError('RECIPE_INVALID', `${id} cannot be a file: its name "${fileName}" is not its own.`, {
        hint: 'Report it with the recipe: the generator chooses the names.',
      });
    }
    owners.set(fileName, id);
  }
}

/** The manifest of the folder, which is made if it is not there. Throws USAGE for a folder that is something else. */
function openFolder({ folder, header }: BuildOptions): FolderManifest {
  const found = existsSync(folder) ? readFolderManifest(folder) : null;
  if (found === null) {
    makeFolder(folder);
    if (readdirSync(folder).some((name) => !name.startsWith(manifestName))) {
      throw refuse(folder, 'is not empty and holds no corpus.');
    }
    const line = `${JSON.stringify(header)}\n`;
    replaceFile(manifestPath(folder), line);
    return { header, items: new Map(), isComplete: false, keptBytes: Buffer.byteLength(line), tornLine: null };
  }
  if (found.header === null) {
    throw refuse(folder, `has a ${manifestName} that bench did not write.`);
  }
  if (found.header.digest !== header.digest) {
    const { corpus, digest } = found.header;
    throw refuse(
      folder,
      `holds ${corpus} with digest ${digest.slice(0, 12)}, not ${header.corpus} with ${header.digest.slice(0, 12)}.`,
    );
  }
  return found;
}

/** A kill leaves the file that was being written. */
function removeParts(folder: string): void {
  for (const name of readdirSync(folder).filter((found) => found.endsWith(partSuffix))) {
    rmSync(join(folder, name), { force: true });
  }
}

function isPresent(item: CorpusItem, index: number, manifest: FolderManifest, folder: string): boolean {
  const lines = manifest.items.get(index) ?? [];
  const files = filesOf(item);
  return (
    files.length === lines.length &&
    files.every(
      ({ fileName, bytes }, place) =>
        lines[place]?.file === fileName && lines[place].bytes === bytes && fileBytes(join(folder, fileName)) === bytes,
    )
  );
}

function refuseTooSmallDisk(folder: string, wantedBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < wantedBytes) {
    throw new BenchError(
      'NO_SPACE',
      `${folder} has ${formatBytes(freeBytes)} free, but ${formatBytes(wantedBytes)} are still to be written.`,
      { hint: 'Give another folder with --out, or a part of the corpus with --items.' },
    );
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Makes the missing items and appends a line for each as soon as it is there, so threads may mix their order. A line
 * never stands for a file that is not whole.
 */
async function buildMissing(
  options: BuildOptions,
  missing: readonly number[],
  manifest: number,
): Promise<{ items: number; bytes: number }> {
  const { corpus, folder, work, onProgress, signal } = options;
  const bytesWanted = bytesOfItems(corpus, missing);
  refuseTooSmallDisk(folder, bytesWanted);
  const built = { items: 0, bytes: 0 };
  await work(
    { kind: 'write', folder },
    missing,
    (outcome) => {
      const item = corpus.items[outcome.index];
      if (item !== undefined) {
        appendFileSync(manifest, itemLine(item, outcome, filesOf(item).slice(1)));
      }
      built.items += 1;
      built.bytes += bytesOfOutcome(outcome);
      onProgress({ ...built, itemsWanted: missing.length, bytesWanted });
    },
    signal,
  );
  return built;
}

/**
 * folder refused or opened -> torn lines and parts dropped -> items without line or file made -> closing line
 *
 * Files are renamed into place when whole, then their line is appended; the closing line comes last, after the
 * folder is synced. So a kill at any moment costs the items in the making and nothing else. Throws USAGE, NO_SPACE.
 */
export async function buildCorpus(options: BuildOptions): Promise<BuildSummary> {
  const { corpus, folder, indexes, signal } = options;
  refuseUnsafeNames(corpus.items);
  try {
    const found = openFolder(options);
    removeParts(folder);
    const present = new Set(
      corpus.items.flatMap((item, index) => (isPresent(item, index, found, folder) ? [index] : [])),
    );
    const missing = indexes.filter((index) => !present.has(index));
    const kept = indexes.length - missing.length;
    const wasComplete = found.isComplete && present.size === corpus.items.length;
    if (wasComplete) {
      return { built: { items: 0, bytes: 0 }, kept, present: present.size, isComplete: true };
    }
    const manifest = openSync(manifestPath(folder), 'r+');
    try {
      ftruncateSync(manifest, found.keptBytes);
    } finally {
      closeSync(manifest);
    }
    const lines = openSync(manifestPath(folder), 'a');
    try {
      const built = await buildMissing(options, missing, lines);
      const total = present.size + built.items;
      const isComplete = total === corpus.items.length && signal?.aborted !== true;
      if (isComplete) {
        fsyncSync(lines);
        syncFolder(folder);
        appendFileSync(lines, closingLine(total));
      }
      fsyncSync(lines);
      return { built, kept, present: total, isComplete };
    } finally {
      closeSync(lines);
    }
  } catch (error: unknown) {
    throw writeFailure(folder, error);
  }
}
