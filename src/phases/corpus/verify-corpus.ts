import { existsSync } from 'node:fs';
import { BenchError } from '../../base/errors.ts';
import type { Corpus, CorpusItem } from '../../model/corpus.ts';
import { type FolderManifest, manifestName, readFolderManifest } from './manifest.ts';
import {
  bytesOfItems,
  bytesOfOutcome,
  type CorpusFault,
  contentDigestOf,
  filesOf,
  type ItemOutcome,
  type ItemTask,
  type WorkOnItems,
  type WorkProgress,
} from './work.ts';

export interface VerifyOptions {
  corpus: Corpus;
  /** null: the bytes are made, hashed and forgotten. */
  folder: string | null;
  /** Which items, rising; null: all. */
  indexes: readonly number[] | null;
  work: WorkOnItems;
  onProgress(progress: WorkProgress): void;
}

export interface VerifySummary {
  items: number;
  bytes: number;
  /** PROTOCOL 2.5; of these items alone, if they are not all. */
  contentDigest: string;
  /** Every item of the corpus was made again. */
  isWhole: boolean;
  /** What is missing, torn or changed in the folder, by item. */
  faults: readonly CorpusFault[];
}

function openBuilt(folder: string, corpus: Corpus): FolderManifest {
  const found = existsSync(folder) ? readFolderManifest(folder) : null;
  if (found === null || found.header === null) {
    throw new BenchError('USAGE', `${folder} holds no built corpus: there is no ${manifestName} of bench.`, {
      hint: `Build it with: bench corpus build ${corpus.name} --out ${folder}`,
    });
  }
  if (found.header.digest !== corpus.digest) {
    throw new BenchError(
      'CORPUS_DIGEST_MISMATCH',
      `${folder} holds ${found.header.corpus} with digest ${found.header.digest.slice(0, 12)}, not ${corpus.name} with ${corpus.digest.slice(0, 12)}.`,
      { hint: `Build this one elsewhere with: bench corpus build ${corpus.name} --out FOLDER` },
    );
  }
  return found;
}

/** What the manifest itself says against being the whole corpus. */
function manifestFaults(manifest: FolderManifest, corpus: Corpus): CorpusFault[] {
  return [
    ...(manifest.tornLine === null
      ? []
      : [{ kind: 'torn' as const, detail: `${manifestName} from line ${manifest.tornLine} on` }]),
    ...(manifest.isComplete
      ? []
      : [
          {
            kind: 'half-built' as const,
            detail: `${manifest.items.size} of ${corpus.items.length} items are in ${manifestName}`,
          },
        ]),
  ];
}

/** A build that was cut off is one fault, not one for each item that is still to come. */
function indexesOf({ corpus, indexes }: VerifyOptions, manifest: FolderManifest | null): readonly number[] {
  const all = indexes ?? corpus.items.map((_, index) => index);
  return indexes !== null || manifest === null || manifest.isComplete
    ? all
    : all.filter((index) => manifest.items.has(index));
}

/** What the manifest says of an item against what its bytes are. */
function lineFaults(item: CorpusItem, { index, files }: ItemOutcome, manifest: FolderManifest): CorpusFault[] {
  const lines = manifest.items.get(index);
  if (lines === undefined) {
    return [{ kind: 'missing', detail: `${item.fileName} has no line in ${manifestName}` }];
  }
  return filesOf(item).flatMap(({ fileName, bytes }, place) => {
    const line = lines[place];
    const agrees = line?.file === fileName && line.bytes === bytes && line.sha256 === files[place]?.sha256;
    return agrees ? [] : [{ kind: 'changed', detail: `the line of ${fileName} in ${manifestName}` }];
  });
}

/**
 * items made again on every core -> SHA-256 each -> content digest; with a folder, its files compared byte by byte
 *
 * Throws USAGE or CORPUS_DIGEST_MISMATCH for a folder that holds nothing to compare with.
 */
export async function verifyCorpus(options: VerifyOptions): Promise<VerifySummary> {
  const { corpus, folder, work, onProgress } = options;
  const manifest = folder === null ? null : openBuilt(folder, corpus);
  const indexes = indexesOf(options, manifest);
  const bytesWanted = bytesOfItems(corpus, indexes);
  const outcomes: ItemOutcome[] = [];
  const done = { items: 0, bytes: 0 };
  const task: ItemTask = folder === null ? { kind: 'hash' } : { kind: 'compare', folder };
  await work(
    task,
    indexes,
    (outcome) => {
      outcomes.push(outcome);
      done.items += 1;
      done.bytes += bytesOfOutcome(outcome);
      onProgress({ ...done, itemsWanted: indexes.length, bytesWanted });
    },
    null,
  );
  outcomes.sort((a, b) => a.index - b.index);
  const faults = outcomes.flatMap((outcome) => {
    const item = corpus.items[outcome.index];
    return manifest === null || item === undefined
      ? outcome.faults
      : [...outcome.faults, ...(outcome.faults.length > 0 ? [] : lineFaults(item, outcome, manifest))];
  });
  return {
    ...done,
    contentDigest: contentDigestOf(outcomes),
    isWhole: indexes.length === corpus.items.length,
    faults: [...(manifest === null || options.indexes !== null ? [] : manifestFaults(manifest, corpus)), ...faults],
  };
}

/** Throws CORPUS_DIGEST_MISMATCH if the recipe pins another content digest. */
export function refuseOtherContent(pinned: string | null, found: string, place: string): void {
  if (pinned !== null && pinned !== found) {
    throw new BenchError(
      'CORPUS_DIGEST_MISMATCH',
      `${place}: the recipe pins ${pinned.slice(0, 12)}, but the bytes made here are ${found.slice(0, 12)}.`,
      { hint: `If the change is meant, write "contentDigest: ${found}"; runs before and after do not compare.` },
    );
  }
}
