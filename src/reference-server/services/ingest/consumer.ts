import { open } from 'node:fs/promises';
import { messageOf } from '../../../base/errors.ts';
import { readImageCode } from '../../../base/image-code.ts';
import type { DeviceContext } from '../../device/device.ts';
import { collectBytes, type DecodeImage, tensorBytes, writePlanes } from '../images/decode-image.ts';
import { imageSizeOf } from '../images/image-size-of.ts';
import { pipelineSlug, type TaskResult } from './job-client.ts';
import type { FailedTask, StagedImage } from './workers/messages.ts';

const labelCount = 1000;
const noAbort = new AbortController().signal;

/** What the model saw; `score` is the mean of all samples, so each of them was read. */
interface Seen {
  imageId: number | null;
  width: number;
  height: number;
  score: number;
}

export interface ConsumerSetup {
  context: DeviceContext;
  modelBatch: number;
  inferMs: number;
  mostPixels: number;
  decode: DecodeImage | null;
  /** Bytes that decoded images may take now; asked before each call of the model. */
  roomBytes(): number;
}

function labelOf(imageId: number | null): string {
  return imageId === null ? 'unknown' : `class-${imageId % labelCount}`;
}

function resultOf({ task }: StagedImage, seen: Seen, tookMs: number): TaskResult {
  const { imageId, width, height, score } = seen;
  return {
    reply_subject: task.reply_subject,
    result: {
      pipeline: pipelineSlug,
      total_time: tookMs / 1000,
      source_images: [{ id: task.image_id, url: task.image_url, width, height, planted_id: imageId }],
      detections: [{ source_image_id: task.image_id, classification: labelOf(imageId), score }],
    },
  };
}

/** The result that tells the coordinator that a task failed. */
export function failureOf({ task, message }: FailedTask): TaskResult {
  return { reply_subject: task.reply_subject, result: { error: message, image_id: task.image_id } };
}

function meanOf(planes: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < planes.length; index += 1) {
    sum += planes[index] ?? 0;
  }
  return sum / planes.length;
}

/** Staged planes are read through one small buffer: the consumer itself holds none of them. */
async function meanOfFile(path: string, scratch: Buffer): Promise<number> {
  const file = await open(path, 'r');
  try {
    let sum = 0;
    let count = 0;
    for (;;) {
      const { bytesRead } = await file.read(scratch, 0, scratch.length, null);
      if (bytesRead === 0) {
        return sum / count;
      }
      const part = new Float32Array(scratch.buffer, scratch.byteOffset, bytesRead / 4);
      sum += meanOf(part) * part.length;
      count += part.length;
    }
  } finally {
    await file.close();
  }
}

/** The consumer of the queue: calls the model on parts of a batch, and says what came of each task. */
export class Consumer {
  readonly #setup: ConsumerSetup;
  readonly #scratch = Buffer.allocUnsafeSlow(1024 ** 2);

  constructor(setup: ConsumerSetup) {
    this.#setup = setup;
  }

  async consume(images: readonly StagedImage[]): Promise<TaskResult[]> {
    const results: TaskResult[] = [];
    for (let done = 0; done < images.length; ) {
      const startedMs = performance.now();
      const part = await this.#nextPart(images.slice(done, done + this.#setup.modelBatch));
      const seen = await this.#look(part);
      const tookMs = performance.now() - startedMs;
      for (const [index, image] of part.entries()) {
        const found = seen[index];
        results.push(
          typeof found === 'object'
            ? resultOf(image, found, tookMs)
            : failureOf({ task: image.task, message: found ?? 'it was not looked at' }),
        );
      }
      done += part.length;
    }
    return results;
  }

  /** As many as one call of the model takes; of raw files as many as fit decoded, at least one. */
  async #nextPart(images: readonly StagedImage[]): Promise<StagedImage[]> {
    const part: StagedImage[] = [];
    let roomBytes = this.#setup.roomBytes();
    for (const image of images) {
      if (image.decoded === null) {
        // What is no image costs nothing here, and is told when it is decoded.
        const size = await imageSizeOf(image.path).catch(() => ({ width: 0, height: 0 }));
        roomBytes -= tensorBytes(size.width, size.height);
        if (part.length > 0 && roomBytes < 0) {
          break;
        }
      }
      part.push(image);
    }
    return part;
  }

  /** One call of the model; a text in the place of an image that could not be read. */
  async #look(part: readonly StagedImage[]): Promise<(Seen | string)[]> {
    const held: Float32Array[] = [];
    const seen: (Seen | string)[] = [];
    for (const image of part) {
      try {
        seen.push(await this.#read(image, held));
      } catch (error) {
        seen.push(messageOf(error));
      }
    }
    await this.#setup.context.run(part.length * this.#setup.inferMs, noAbort);
    // Read after the run: the planes are held until the model is done with them.
    const heldBytes = held.reduce((sum, planes) => sum + planes.byteLength, 0);
    held.length = 0;
    collectBytes(heldBytes);
    return seen;
  }

  async #read({ path, decoded }: StagedImage, held: Float32Array[]): Promise<Seen> {
    if (decoded !== null) {
      return { ...decoded, score: await meanOfFile(path, this.#scratch) };
    }
    const { decode, mostPixels } = this.#setup;
    if (decode === null) {
      throw new Error('there is no decoder for raw files');
    }
    await imageSizeOf(path);
    const pixels = await decode(path, mostPixels);
    const { width, height } = pixels;
    const planes = new Float32Array(Buffer.allocUnsafeSlow(tensorBytes(width, height)).buffer);
    writePlanes(pixels, planes);
    held.push(planes);
    return { imageId: readImageCode(pixels), width, height, score: meanOf(planes) };
  }
}
