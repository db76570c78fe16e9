import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { relative, sep } from 'node:path';
import { BenchError, messageOf } from '../../base/errors.ts';
import type { ListedFile } from '../../model/file-list.ts';
import type { WorkProgress } from '../corpus/work.ts';
import type { FoundFile, UnusableFile } from './files.ts';
import { type FolderContents, type MediaKind, readMediaFolder } from './folder.ts';
import { transcriptsOf } from './transcripts.ts';

export interface ImportedFolder {
  kind: MediaKind;
  /** By path. */
  files: ListedFile[];
  unusable: UnusableFile[];
}

async function sha256OfFile(path: string, onBytes: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    onBytes(chunk.length);
  }
  return hash.digest('hex');
}

/** A file that cannot be read to its end after all is left out like the others. */
async function hashAll(
  files: readonly FoundFile[],
  onProgress: (progress: WorkProgress) => void,
): Promise<{ hashes: (string | null)[]; unusable: UnusableFile[] }> {
  const bytesWanted = files.reduce((all, { bytes }) => all + bytes, 0);
  const hashes: (string | null)[] = [];
  const unusable: UnusableFile[] = [];
  let bytes = 0;
  for (const { file, path } of files) {
    try {
      const hash = await sha256OfFile(path, (more) => {
        bytes += more;
        onProgress({ items: hashes.length, itemsWanted: files.length, bytes, bytesWanted });
      });
      hashes.push(hash);
    } catch (error: unknown) {
      hashes.push(null);
      unusable.push({ file, reason: `the file cannot be read to its end (${messageOf(error)}).` });
    }
  }
  return { hashes, unusable };
}

function listedOf(
  contents: FolderContents,
  hashes: readonly (string | null)[],
  texts: readonly (string | null)[],
): ListedFile[] {
  return contents.files
    .flatMap(({ file, bytes, mediaType, traits }, index): ListedFile[] => {
      const sha256 = hashes[index] ?? null;
      return sha256 === null ? [] : [{ file, bytes, sha256, mediaType, traits, text: texts[index] ?? null }];
    })
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** folder -> headers -> transcripts -> SHA-256 of every file. Throws USAGE for a folder without usable files. */
export async function importFolder(
  folder: string,
  kind: MediaKind | null,
  onProgress: (progress: WorkProgress) => void,
): Promise<ImportedFolder> {
  const contents = await readMediaFolder(folder, kind);
  const texts = contents.kind === 'audio' ? await transcriptsOf(contents.files, contents.texts) : [];
  const { hashes, unusable } = await hashAll(contents.files, onProgress);
  const files = listedOf(contents, hashes, texts);
  if (files.length === 0) {
    throw new BenchError('USAGE', `No file of ${folder} could be read to its end.`, { hint: 'Check its permissions.' });
  }
  return { kind: contents.kind, files, unusable: [...contents.unusable, ...unusable] };
}

/** As a recipe says it: from its own folder on, with slashes. */
export function folderFrom(recipeFolder: string, folder: string): string {
  const path = relative(recipeFolder, folder).split(sep).join('/');
  return path === '' ? '.' : path;
}
