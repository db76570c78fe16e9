import { closeSync, openSync, readSync } from 'node:fs';
import { BenchError } from '../../base/errors.ts';
import type { ByteRange } from '../../model/corpus.ts';

const chunkBytes = 65_536;

function openListed(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error: unknown) {
    throw new BenchError('CORPUS_UNAVAILABLE', `${path} cannot be opened.`, {
      hint: 'Leave the files of a corpus where they are while it is sent.',
      cause: error,
    });
  }
}

/**
 * The bytes of a file that should have `sizeBytes`. Yields one buffer again and again: its content holds until the
 * next chunk is asked for. Throws CORPUS_DIGEST_MISMATCH where the file ends early, CORPUS_UNAVAILABLE if it is gone.
 */
export function* fileChunks(path: string, sizeBytes: number, range?: ByteRange): Generator<Uint8Array, void, void> {
  const end = Math.min(sizeBytes, range?.end ?? Number.POSITIVE_INFINITY);
  let at = Math.max(0, range?.start ?? 0);
  if (at >= end) {
    return;
  }
  const descriptor = openListed(path);
  try {
    const buffer = new Uint8Array(Math.min(chunkBytes, end - at));
    while (at < end) {
      const length = readSync(descriptor, buffer, 0, Math.min(buffer.length, end - at), at);
      if (length === 0) {
        throw new BenchError('CORPUS_DIGEST_MISMATCH', `${path} ends after ${at} bytes of ${sizeBytes}.`, {
          hint: 'Leave the files of a corpus alone while it is sent.',
        });
      }
      yield buffer.subarray(0, length);
      at += length;
    }
  } finally {
    closeSync(descriptor);
  }
}
