import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** One upload on disk. */
export interface SpoolFile {
  path: string;
  stream: WriteStream;
  remove(): Promise<void>;
}

export interface Spool {
  create(): SpoolFile;
  /** Bytes of all uploads that are on disk now. */
  bytes(): number;
}

/** A folder of uploads, each removed by whoever asked for it. */
export async function openSpool(folder: string): Promise<Spool> {
  await mkdir(folder, { mode: 0o700 });
  const files = new Set<SpoolFile>();
  let nextName = 1;
  return {
    create() {
      const path = join(folder, `upload-${nextName++}`);
      const stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
      // Kept for the whole life: the error of a stream that is destroyed in mid-write has no other taker.
      stream.on('error', () => stream.destroy());
      const file: SpoolFile = {
        path,
        stream,
        async remove() {
          if (!stream.closed) {
            await new Promise<void>((resolve) => stream.once('close', resolve).destroy());
          }
          await rm(path, { force: true });
          files.delete(file);
        },
      };
      files.add(file);
      return file;
    },
    bytes: () => [...files].reduce((sum, file) => sum + file.stream.bytesWritten, 0),
  };
}
