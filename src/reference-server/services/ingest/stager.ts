import { createWriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf, systemCodeOf } from '../../../base/errors.ts';
import { readImageCode } from '../../../base/image-code.ts';
import { collectBytes, type DecodeImage, tensorBytes, writePlanes } from '../images/decode-image.ts';
import type { Downloads } from './downloads.ts';
import type { FailedTask, StagedImage, Task } from './workers/messages.ts';

/** Puts the images of a batch where they wait. */
export interface Stager {
  /** Rejects if this image cannot be had. */
  fetch(task: Task, batch: number, place: number): Promise<StagedImage>;
  /** Called once all images of the batch are fetched; rejects if they cannot be put down. */
  finish(): Promise<void>;
}

/** Raw files, as they came: the loader holds a chunk of each. */
export function createDiskStager(folder: string, loader: number, downloads: Downloads): Stager {
  return {
    async fetch(task, batch, place) {
      const path = join(folder, `${loader}-${batch}-${place}.image`);
      const chunks = await downloads.open(task.image_url, batch);
      // Opened last: the error of a stream that nobody reads yet would end the process.
      const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
      try {
        await pipeline(Readable.from(chunks), file);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      return { task, path, sizeBytes: file.bytesWritten, decoded: null };
    },
    finish: async () => undefined,
  };
}

/** Two buffers per place of a batch, kept for the next batch as an allocator would. */
interface Place {
  decoded: Buffer;
  collated: Buffer;
  bytes: number;
}

/**
 * Float32 planes in files of /dev/shm, written and closed: no process maps them, so none shows them.
 * The loader itself holds each image twice, decoded and collated: 2 x B x I.
 */
export function createShmStager(
  folder: string,
  loader: number,
  { downloads, decode, mostPixels }: { downloads: Downloads; decode: DecodeImage; mostPixels: number },
): Stager {
  const places: Place[] = [];
  const placed = new Map<string, Place>();
  let turn: Promise<unknown> = Promise.resolve();
  const placeOf = (index: number, bytes: number): Place => {
    const kept = places[index];
    if (kept !== undefined && kept.decoded.length >= bytes) {
      kept.bytes = bytes;
      return kept;
    }
    const made = { decoded: Buffer.allocUnsafeSlow(bytes), collated: Buffer.allocUnsafeSlow(bytes), bytes };
    places[index] = made;
    return made;
  };
  const decodeInto = async (task: Task, batch: number, index: number, body: Buffer): Promise<StagedImage> => {
    const pixels = await decode(body, mostPixels);
    const { width, height } = pixels;
    const sizeBytes = tensorBytes(width, height);
    const place = placeOf(index, sizeBytes);
    writePlanes(pixels, new Float32Array(place.decoded.buffer, 0, sizeBytes / 4));
    const path = join(folder, `${loader}-${batch}-${index}.f32`);
    placed.set(path, place);
    return { task, path, sizeBytes, decoded: { imageId: readImageCode(pixels), width, height } };
  };
  return {
    async fetch(task, batch, index) {
      const chunks: Buffer[] = [];
      for await (const chunk of await downloads.open(task.image_url, batch)) {
        chunks.push(chunk);
      }
      // Downloads run side by side, decoding does not: one image of bytes at a time.
      const mine = turn.then(() => decodeInto(task, batch, index, Buffer.concat(chunks)));
      turn = mine.catch(() => undefined);
      const staged = await mine;
      collectBytes(staged.sizeBytes / 4);
      return staged;
    },
    async finish() {
      const batch = [...placed];
      placed.clear();
      for (const [, { decoded, collated, bytes }] of batch) {
        decoded.copy(collated, 0, 0, bytes);
      }
      for (const [path, { collated, bytes }] of batch) {
        await writeFile(path, collated.subarray(0, bytes), { flag: 'wx', mode: 0o600 });
      }
    },
  };
}

/** A batch as it was staged. */
export interface Staged {
  images: StagedImage[];
  failed: FailedTask[];
  /** Codes of refusals of the system on the way, with the first text of each. */
  refusals: Map<string, string>;
}

const refusalCodes: readonly string[] = ['EMFILE', 'ENFILE', 'ENOSPC', 'ENOMEM'];

function notedRefusal(staged: Staged, error: unknown): string {
  const code = systemCodeOf(error);
  if (code !== null && refusalCodes.includes(code) && !staged.refusals.has(code)) {
    staged.refusals.set(code, messageOf(error));
  }
  return messageOf(error);
}

/** Fetches with `threads` downloads side by side; a task that fails is told as such and costs the others nothing. */
export async function stageBatch(
  stager: Stager,
  tasks: readonly Task[],
  batch: number,
  threads: number,
): Promise<Staged> {
  const staged: Staged = { images: [], failed: [], refusals: new Map() };
  const left = [...tasks.entries()];
  const thread = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [place, task] = next;
      try {
        staged.images.push(await stager.fetch(task, batch, place));
      } catch (error) {
        staged.failed.push({ task, message: notedRefusal(staged, error) });
      }
    }
  };
  await Promise.all(Array.from({ length: threads }, thread));
  try {
    await stager.finish();
    return staged;
  } catch (error) {
    // All of them or none: half a batch is no batch.
    const message = notedRefusal(staged, error);
    await Promise.all(staged.images.map(({ path }) => rm(path, { force: true })));
    const failed = [...staged.failed, ...staged.images.map(({ task }) => ({ task, message }))];
    return { images: [], failed, refusals: staged.refusals };
  }
}
