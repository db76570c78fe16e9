import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

function writeWhole(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'w', 0o666);
  try {
    // A nearly full disk takes a part and reports no failure: what was renamed then would be a torn file.
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(descriptor, bytes, written);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A file beside it, fsync, rename: whoever reads `path` finds the old content or the new one, also after SIGKILL or on a
 * full disk. Throws Node's system error, and leaves nothing beside the file then.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  // Threads have one pid.
  const unfinished = `${path}.${process.pid}.${threadId}`;
  try {
    writeWhole(unfinished, typeof content === 'string' ? Buffer.from(content) : content);
    renameSync(unfinished, path);
  } catch (error: unknown) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
