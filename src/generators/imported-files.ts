import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../base/digest.ts';
import { BenchError } from '../base/errors.ts';
import { groupedDigits } from '../base/grouped-digits.ts';
import { shuffled } from '../base/random.ts';
import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { type ListedFile, parseFileList } from '../model/file-list.ts';
import { fileChunks } from './imported/file-chunks.ts';
import { invalidParam, parseParams } from './params/parse-params.ts';

export const importedFilesParams = z.strictObject({
  folder: z.string().min(1).describe('Where the files lie, from the recipe on'),
  files: z
    .string()
    .regex(/^[^/\\]+\.files\.jsonl$/, 'must be NAME.files.jsonl, beside the recipe')
    .describe('List of the files beside the recipe, one JSON object per line'),
  order: z.enum(['listed', 'shuffled']).default('listed').describe('shuffled: by the seed'),
});
type Params = z.infer<typeof importedFilesParams>;

const endings: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/flac': 'flac',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'text/plain': 'txt',
};

function unavailable(what: string, cause: unknown): BenchError {
  return new BenchError('CORPUS_UNAVAILABLE', what, {
    hint: 'Paths are relative to the recipe; put the file back, or run `bench corpus import` again.',
    cause,
  });
}

function readList({ files }: Params, folder: string, place: string): readonly ListedFile[] {
  const path = join(folder, files);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error: unknown) {
    throw unavailable(`${place}.files: the list ${path} cannot be read.`, error);
  }
  return parseFileList(text, path);
}

/** By size alone: hashing gigabytes at each start would cost minutes, and `bench corpus verify` does it. */
function checkSize(path: string, { bytes }: ListedFile, place: string): void {
  let found: number;
  try {
    found = statSync(path).size;
  } catch (error: unknown) {
    throw unavailable(`${place}.folder: ${path} is listed but cannot be read.`, error);
  }
  if (found !== bytes) {
    throw new BenchError(
      'CORPUS_DIGEST_MISMATCH',
      `${place}.folder: ${path} has ${groupedDigits(found)} bytes, but its list says ${groupedDigits(bytes)}.`,
      { hint: 'Put the listed file back, or run `bench corpus import` again; runs before and after do not compare.' },
    );
  }
}

function createItem(corpus: string, index: number, listed: ListedFile, path: string): CorpusItem {
  const number = String(index).padStart(5, '0');
  const { bytes, sha256, mediaType, traits, text } = listed;
  // The corpus digest is made of ids and lengths: thus it covers the content and the transcript of every file.
  const mark = sha256Hex(canonicalJson({ sha256, mediaType, text })).slice(0, 12);
  return {
    id: `${corpus}/${number}-${mark}`,
    bytes,
    sha256,
    mediaType,
    fileName: `${corpus}-${number}.${endings[mediaType] ?? 'bin'}`,
    content: 'import',
    traits,
    truth: text === null ? {} : { text },
    attachments: [],
    chunks: (range) => fileChunks(path, bytes, range),
  };
}

/** The user's own files as they are. */
export const importedFiles: CorpusGenerator = {
  id: 'imported-files',
  title: 'Files of your own, as they are',
  version: 1,
  params: importedFilesParams,
  items(params, { name, count, random, place, folder }) {
    const parsed = parseParams(importedFilesParams, params, place);
    const listed = readList(parsed, folder, place);
    if (listed.length < count) {
      throw invalidParam(
        place,
        ['files'],
        `${parsed.files} lists ${listed.length} files, but the corpus has ${count} items.`,
        `Write "count: ${listed.length}" for the corpus, or list more files.`,
      );
    }
    const ordered = parsed.order === 'shuffled' ? shuffled(listed, random.fork('order')) : listed;
    return ordered.slice(0, count).map((file, index) => {
      const path = resolve(folder, parsed.folder, file.file);
      checkSize(path, file, place);
      return createItem(name, index, file, path);
    });
  },
};
