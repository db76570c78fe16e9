import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { writeOrSay } from './write-or-say.ts';

function writeWhole(path: string, text: string): void {
  const descriptor = openSync(path, 'w', 0o666);
  try {
    const bytes = Buffer.from(text);
    // A nearly full disk takes a part and reports no failure: what was renamed then would be a torn file.
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(descriptor, bytes, written);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A file beside it, fsync, rename: whoever reads `path` finds the old text or the new one, also after SIGKILL. */
export function replaceFile(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}`;
  writeOrSay(path, () => {
    try {
      writeWhole(unfinished, text);
      renameSync(unfinished, path);
    } catch (error: unknown) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}
