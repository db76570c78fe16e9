import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import { replaceFile } from '../../base/replace-file.ts';

const hashBytes = 32;
const countBytes = 4;

function hashOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

/** The pieces, or null if the bytes are not what was once stored. */
function unpack(stored: Buffer): Uint8Array[] | null {
  const content = stored.subarray(hashBytes);
  if (stored.length < hashBytes + countBytes || !hashOf(content).equals(stored.subarray(0, hashBytes))) {
    return null;
  }
  const count = content.readUInt32LE(0);
  let at = countBytes * (count + 1);
  return Array.from({ length: count }, (_, index) => {
    const piece = content.subarray(at, at + content.readUInt32LE(countBytes * (index + 1)));
    at += piece.length;
    return piece;
  });
}

function pack(pieces: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(countBytes * (pieces.length + 1));
  head.writeUInt32LE(pieces.length, 0);
  for (const [index, piece] of pieces.entries()) {
    head.writeUInt32LE(piece.length, countBytes * (index + 1));
  }
  const content = Buffer.concat([head, ...pieces]);
  return Buffer.concat([hashOf(content), content]);
}

function read(file: string): Uint8Array[] | null {
  try {
    return unpack(readFileSync(file));
  } catch {
    return null;
  }
}

/**
 * Pieces that take seconds to make, kept on disk under a key that names all they are made from. A file that is
 * missing, damaged or from elsewhere is made anew and replaced whole, so that two processes may do so at once.
 */
export function cachedPieces(folder: string, key: string, make: () => readonly Uint8Array[]): readonly Uint8Array[] {
  const file = join(folder, `${key}.bank`);
  const held = read(file);
  if (held !== null) {
    return held;
  }
  const pieces = make();
  try {
    makeFolder(folder);
    replaceFile(file, pack(pieces));
  } catch {
    // A read-only home costs time at the next start and nothing else.
  }
  return pieces;
}
