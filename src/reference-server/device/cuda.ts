import { isContextLost } from './cuda/codes.ts';
import type { CudaDriver } from './cuda/driver.ts';
import { CudaKernels, finished } from './cuda/kernels.ts';
import { openDriver } from './cuda/open-driver.ts';
import { type DeviceContext, DeviceError, type DeviceKernels, type DeviceTotals, type PinnedBlock } from './device.ts';

/** A kernel cannot be stopped: a long one is made of several, so that little runs on after an abort. */
const sliceMs = 50;
const nsPerMs = 1e6;
const invalidValueCode = 1;

const oneThread = { grid: { x: 1, y: 1 }, block: { x: 1, y: 1 } };

/** Waits for the promise, but no longer than until the abort. */
async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new DOMException('The kernel was aborted', 'AbortError'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

class CudaContext implements DeviceContext {
  readonly kernels: DeviceKernels;
  readonly #driver: CudaDriver;
  readonly #device: number;
  readonly #cuda: CudaKernels;
  readonly #onLost: () => void;
  readonly #allocations = new Map<number, bigint>();
  readonly #pinned = new Map<number, bigint>();
  #nextId = 1;
  #isClosed = false;
  /** The end of all queued kernels; never rejects. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(driver: CudaDriver, device: number, onLost: () => void) {
    this.#driver = driver;
    this.#device = device;
    this.#onLost = onLost;
    driver.setCurrent(driver.retainContext(device));
    this.#cuda = new CudaKernels(driver);
    this.kernels = {
      logMel: (samples) => this.#watched(() => this.#cuda.logMel(samples)),
      matmul: (left, right, size) => this.#watched(() => this.#cuda.matmul(left, right, size)),
      normalise: (pixels, width, height) => this.#watched(() => this.#cuda.normalise(pixels, width, height)),
    };
  }

  alloc(bytes: number): Promise<number> {
    // The driver refuses nothing at all, of which the ledger gives as much as you like.
    return this.#watched(async () => this.#hold(this.#allocations, this.#driver.alloc(Math.max(1, Math.ceil(bytes)))));
  }

  free(id: number): Promise<void> {
    return this.#watched(async () => this.#driver.free(this.#release(this.#allocations, id)));
  }

  pin(bytes: number): Promise<PinnedBlock> {
    return this.#watched(async () => {
      const id = this.#hold(this.#pinned, this.#driver.hostAlloc(bytes));
      return { id, isLocked: true, why: null };
    });
  }

  unpin(id: number): Promise<void> {
    return this.#watched(async () => this.#driver.hostFree(this.#release(this.#pinned, id)));
  }

  run(kernelMs: number, signal: AbortSignal, order: 'side-by-side' | 'queued' = 'side-by-side'): Promise<void> {
    if (order === 'side-by-side') {
      return this.#watched(() => this.#occupy(kernelMs, signal));
    }
    const before = this.#queue;
    const mine = this.#watched(async () => {
      await unlessAborted(before, signal);
      await this.#occupy(kernelMs, signal);
    });
    this.#queue = Promise.allSettled([before, mine]);
    return mine;
  }

  totals(): Promise<DeviceTotals> {
    return this.#watched(async () => {
      const { totalBytes, freeBytes } = this.#driver.memory();
      return { totalBytes, freeBytes, usedBytes: totalBytes - freeBytes };
    });
  }

  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#driver.releaseContext(this.#device);
    }
  }

  async #occupy(kernelMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const stream = this.#driver.createStream();
    const endMs = performance.now() + kernelMs;
    try {
      for (let leftMs = kernelMs; leftMs > 0; leftMs = endMs - performance.now()) {
        const ns = BigInt(Math.round(Math.min(leftMs, sliceMs) * nsPerMs));
        this.#cuda.launch('spin', oneThread, [{ type: 'uint64_t', value: ns }], stream);
        await finished(this.#driver, stream, signal);
      }
    } finally {
      this.#driver.destroyStream(stream);
    }
  }

  #hold(held: Map<number, bigint>, address: bigint): number {
    const id = this.#nextId++;
    held.set(id, address);
    return id;
  }

  #release(held: Map<number, bigint>, id: number): bigint {
    const address = held.get(id);
    if (address === undefined) {
      throw new DeviceError(invalidValueCode, `invalid value: nothing is held as ${id}`);
    }
    held.delete(id);
    return address;
  }

  /** Tells a lost context once; what failed still fails. */
  async #watched<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (isContextLost(error) && !this.#isClosed) {
        this.#isClosed = true;
        this.#onLost();
      }
      throw error;
    }
  }
}

/** This process's context on the first CUDA device. One for each process: it is the primary one. */
export async function openCudaContext(libraryPath: string, onLost: () => void): Promise<DeviceContext> {
  const { driver } = await openDriver([libraryPath]);
  return new CudaContext(driver, driver.firstDevice().device, onLost);
}
