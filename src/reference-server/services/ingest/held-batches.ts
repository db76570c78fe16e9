import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { DeviceContext } from '../../device/device.ts';
import type { Stage } from './settings.ts';
import type { Batch, IngestState } from './workers/messages.ts';

/** A batch that waits: its files, one descriptor, perhaps a locked copy. */
export interface HeldBatch {
  batch: Batch;
  fd: number | null;
  pinned: { id: number; bytes: number; lockedBytes: number } | null;
}

export function stagedBytesOf({ images }: Batch): number {
  return images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Takes and gives back what batches cost the consumer's process, and keeps count in `state`. */
export class HeldBatches {
  readonly #context: DeviceContext;
  readonly #state: IngestState;
  readonly #stage: Stage;

  constructor(context: DeviceContext, state: IngestState, stage: Stage) {
    this.#context = context;
    this.#state = state;
    this.#stage = stage;
  }

  /** `onRefused` is told if no descriptor can be had; the batch waits all the same. */
  async hold(batch: Batch, pins: boolean, onRefused: (error: unknown) => void): Promise<HeldBatch> {
    const bytes = stagedBytesOf(batch);
    this.#count(bytes);
    const held: HeldBatch = { batch, fd: this.#openFirst(batch, onRefused), pinned: null };
    if (pins && bytes > 0) {
      const { id, isLocked } = await this.#context.pin(bytes);
      held.pinned = { id, bytes, lockedBytes: isLocked ? bytes : 0 };
      this.#state.pinnedBytes += bytes;
      this.#state.lockedBytes += held.pinned.lockedBytes;
    }
    this.#state.queuedBatches += 1;
    return held;
  }

  /** It leaves the queue, on its way to the device: its locked copy is not needed any more. */
  async take(held: HeldBatch): Promise<void> {
    this.#state.queuedBatches -= 1;
    if (held.pinned !== null) {
      const { id, bytes, lockedBytes } = held.pinned;
      held.pinned = null;
      await this.#context.unpin(id);
      this.#state.pinnedBytes -= bytes;
      this.#state.lockedBytes -= lockedBytes;
    }
  }

  /** It is answered: its files and its descriptor go. */
  async drop({ batch, fd }: HeldBatch): Promise<void> {
    if (fd !== null) {
      closeSync(fd);
    }
    await Promise.all(batch.images.map(({ path }) => rm(path, { force: true })));
    this.#count(-stagedBytesOf(batch));
  }

  /** One descriptor for a batch, as a queue of handles on shared memory has it. */
  #openFirst({ images }: Batch, onRefused: (error: unknown) => void): number | null {
    const [first] = images;
    try {
      return first === undefined ? null : openSync(first.path, 'r');
    } catch (error) {
      onRefused(error);
      return null;
    }
  }

  #count(bytes: number): void {
    this.#state[this.#stage === 'shm' ? 'shmBytes' : 'diskBytes'] += bytes;
  }
}
