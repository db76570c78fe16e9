import type { Dirent } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { readFlacHeader } from '../../base/flac-header.ts';
import { mediaFactsOf, mediaHeadBytes } from '../../base/media-facts.ts';
import { scanWav } from '../../base/wav.ts';

export interface FoundFile {
  /** Within the folder, with slashes. */
  file: string;
  path: string;
  bytes: number;
  mediaType: string;
  traits: Readonly<Record<string, number>>;
  /** Hz; null for what is no audio. */
  sampleRate: number | null;
}

export interface UnusableFile {
  file: string;
  /** A sentence. */
  reason: string;
}

const plainReasons: Readonly<Record<string, string>> = {
  EACCES: 'the file may not be read.',
  EPERM: 'the file may not be read.',
  ENOENT: 'the file went away while the folder was read.',
  EIO: 'the disk failed to read the file.',
};

function reasonOf(error: unknown): string {
  const code = systemCodeOf(error);
  if (code === null) {
    throw error;
  }
  return plainReasons[code] ?? `the file cannot be read (${code}).`;
}

/** Throws USAGE unless `folder` is a folder. */
export async function requireFolder(folder: string): Promise<void> {
  const facts = await stat(folder).catch((error: unknown) => {
    const isMissing = systemCodeOf(error) === 'ENOENT';
    throw new BenchError('USAGE', `${folder} ${isMissing ? 'does not exist' : 'cannot be read'}.`, {
      hint: isMissing ? 'Check the path.' : 'Check its permissions.',
      cause: error,
    });
  });
  if (!facts.isDirectory()) {
    throw new BenchError('USAGE', `${folder} is not a folder.`, { hint: 'Give the folder that holds the files.' });
  }
}

function sampleRateOf(mediaType: string, head: Uint8Array, sizeBytes: number): number | null {
  if (mediaType === 'audio/flac') {
    return readFlacHeader(head)?.sampleRate ?? null;
  }
  const scan = mediaType === 'audio/wav' ? scanWav(head, sizeBytes) : null;
  return scan?.ok === true ? scan.wav.sampleRate : null;
}

const mediaName = /\.(wav|wave|flac|jpe?g|png)$/i;

async function readHead(handle: FileHandle, sizeBytes: number): Promise<Uint8Array> {
  const head = Buffer.allocUnsafe(Math.min(sizeBytes, mediaHeadBytes));
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  return head.subarray(0, bytesRead);
}

/** What one file is. A system error becomes a reason. */
export async function examineFile(path: string, file: string): Promise<FoundFile | UnusableFile> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const head = await readHead(handle, size);
      const found = mediaFactsOf(head, size);
      if (!('unusable' in found) && found.mediaType.startsWith('text/') && mediaName.test(file)) {
        // Damaged or mislabelled: as text it would be sent to a server of another kind.
        return { file, reason: 'it is named as audio or an image, but holds text.' };
      }
      return 'unusable' in found
        ? { file, reason: found.unusable }
        : { file, path, bytes: size, ...found, sampleRate: sampleRateOf(found.mediaType, head, size) };
    } finally {
      await handle.close();
    }
  } catch (error: unknown) {
    return { file, reason: reasonOf(error) };
  }
}

async function linkReason(path: string, root: string): Promise<string> {
  try {
    const end = await realpath(path);
    return end === root || end.startsWith(root + sep)
      ? 'the link leads to another place of this folder, which counts on its own.'
      : 'the link leads out of the folder and is not followed.';
  } catch {
    return 'the link leads nowhere.';
  }
}

/** By code units and not by locale, so that the order is the same on every machine. */
async function entriesOf(folder: string): Promise<Dirent[] | { reason: string }> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error: unknown) {
    return { reason: reasonOf(error).replace('the file', 'the folder') };
  }
}

/**
 * Every file below the folder: what it is, or why it cannot be used. Links are not followed and hidden files are
 * passed over. Throws USAGE if there is no such folder.
 */
export async function* filesOf(folder: string): AsyncGenerator<FoundFile | UnusableFile> {
  await requireFolder(folder);
  const root = await realpath(folder);
  const nameOf = (path: string): string => relative(root, path).split(sep).join('/');
  const waiting = [root];
  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    const entries = await entriesOf(current);
    if ('reason' in entries && current === root) {
      throw new BenchError('USAGE', `${folder}: ${entries.reason}`, { hint: 'Check its permissions.' });
    }
    if ('reason' in entries) {
      yield { file: `${nameOf(current)}/`, reason: entries.reason };
      continue;
    }
    for (const entry of entries) {
      const path = join(current, entry.name);
      if (entry.isFile()) {
        yield await examineFile(path, nameOf(path));
      } else if (entry.isSymbolicLink()) {
        yield { file: nameOf(path), reason: await linkReason(path, root) };
      } else if (!entry.isDirectory()) {
        yield { file: nameOf(path), reason: 'this is neither a file nor a folder.' };
      }
    }
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(current, name));
    waiting.push(...folders.reverse());
  }
}
