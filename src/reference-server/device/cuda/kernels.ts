import { setTimeout as sleep } from 'node:timers/promises';
import { frameCount, hannWindow, logMelShape, melFilters, twiddles } from '../../kernels/log-mel.ts';
import { ptx } from '../../kernels/ptx.ts';
import { checkMatrices, checkPixels } from '../../kernels/shapes.ts';
import type { DeviceKernels } from '../device.ts';
import type { CudaDriver, KernelArgument, LaunchShape } from './driver.ts';

const pollMs = 1;
const threadsPerBlock = 256;
const tile = 16;
const floatBytes = 4;

/** Resolves when the stream has nothing left to do; polled, so that the process stays answerable. */
export async function finished(driver: CudaDriver, stream: bigint, signal?: AbortSignal): Promise<void> {
  while (!driver.isDone(stream)) {
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

function pointer(value: bigint): KernelArgument {
  return { type: 'uint64_t', value };
}

function int(value: number): KernelArgument {
  return { type: 'int', value };
}

/** One thread for each of so many values. */
function along(count: number): LaunchShape {
  return { grid: { x: Math.ceil(count / threadsPerBlock), y: 1 }, block: { x: threadsPerBlock, y: 1 } };
}

/** The module of `kernels.cu` in the current context. */
export class CudaKernels implements DeviceKernels {
  readonly #driver: CudaDriver;
  readonly #module: bigint;
  readonly #kernels = new Map<string, bigint>();
  /** Window, twiddles and filters of the log-mel, once it was asked for. */
  #tables: bigint | null = null;

  constructor(driver: CudaDriver) {
    this.#driver = driver;
    this.#module = driver.loadModule(ptx);
  }

  launch(name: string, shape: LaunchShape, values: readonly KernelArgument[], stream: bigint): void {
    const kernel = this.#kernels.get(name) ?? this.#driver.kernel(this.#module, name);
    this.#kernels.set(name, kernel);
    this.#driver.launch(kernel, shape, values, stream);
  }

  async logMel(samples: Float32Array): Promise<Float32Array> {
    const { bands, bins, windowSamples, fftPoints } = logMelShape;
    const frames = frameCount(samples.length);
    const result = new Float32Array(frames * bands);
    if (frames === 0) {
      return result;
    }
    const tables = this.#logMelTables();
    const twiddlesAt = tables + BigInt(windowSamples * floatBytes);
    const filtersAt = twiddlesAt + BigInt(2 * fftPoints * floatBytes);
    const sizes = [samples.byteLength, frames * bins * floatBytes, result.byteLength];
    await this.#withBlocks(sizes, async ([input, power, output], stream) => {
      this.#driver.copyIn(input, samples, stream);
      const first = [pointer(input), pointer(tables), pointer(twiddlesAt), pointer(power), int(frames)];
      this.launch('stft_power', along(frames * bins), first, stream);
      const second = [pointer(power), pointer(filtersAt), pointer(output), int(frames)];
      this.launch('mel_log', along(frames * bands), second, stream);
      await finished(this.#driver, stream);
      this.#driver.copyOut(result, output, stream);
    });
    return result;
  }

  async matmul(left: Float32Array, right: Float32Array, size: number): Promise<Float32Array> {
    checkMatrices(left, right, size);
    const result = new Float32Array(size * size);
    const sizes = [left.byteLength, right.byteLength, result.byteLength];
    const tiles = Math.ceil(size / tile);
    const shape = { grid: { x: tiles, y: tiles }, block: { x: tile, y: tile } };
    await this.#withBlocks(sizes, async ([first, second, product], stream) => {
      this.#driver.copyIn(first, left, stream);
      this.#driver.copyIn(second, right, stream);
      this.launch('gemm', shape, [pointer(first), pointer(second), pointer(product), int(size)], stream);
      await finished(this.#driver, stream);
      this.#driver.copyOut(result, product, stream);
    });
    return result;
  }

  async normalise(pixels: Uint8Array, width: number, height: number): Promise<Float32Array> {
    checkPixels(pixels, width, height);
    const result = new Float32Array(pixels.length);
    await this.#withBlocks([pixels.byteLength, result.byteLength, 0], async ([input, planes], stream) => {
      this.#driver.copyIn(input, pixels, stream);
      const values = [pointer(input), pointer(planes), int(width * height)];
      this.launch('normalise', along(width * height), values, stream);
      await finished(this.#driver, stream);
      this.#driver.copyOut(result, planes, stream);
    });
    return result;
  }

  #logMelTables(): bigint {
    if (this.#tables === null) {
      const parts = [hannWindow(), twiddles(), melFilters()];
      const values = Float32Array.from(parts.flatMap((part) => [...part]));
      const stream = this.#driver.createStream();
      this.#tables = this.#driver.alloc(values.byteLength);
      this.#driver.copyIn(this.#tables, values, stream);
      this.#driver.destroyStream(stream);
    }
    return this.#tables;
  }

  /** Lends device blocks and a stream; a size of 0 takes none. */
  async #withBlocks(
    sizes: readonly number[],
    use: (blocks: [bigint, bigint, bigint], stream: bigint) => Promise<void>,
  ): Promise<void> {
    const held: bigint[] = [];
    const stream = this.#driver.createStream();
    try {
      for (const bytes of sizes) {
        held.push(bytes === 0 ? 0n : this.#driver.alloc(bytes));
      }
      const [first = 0n, second = 0n, third = 0n] = held;
      await use([first, second, third], stream);
    } finally {
      for (const address of held.filter((block) => block !== 0n)) {
        this.#driver.free(address);
      }
      this.#driver.destroyStream(stream);
    }
  }
}
