import type { Koffi } from '../../../base/koffi.ts';
import { bindCalls, type Library, type NativeCall, outValue } from '../../../base/native-library.ts';
import { cudaError, notReadyCode } from './codes.ts';

/**
 * The driver as its binary interface has it: the C header hides the `_v2` of many names behind macros,
 * and the bare name is the old 32-bit call. Contexts are the primary one, since the signature of
 * `cuCtxCreate` differs between versions.
 */
const declarations = {
  cuInit: 'int cuInit(unsigned int flags)',
  cuDriverGetVersion: 'int cuDriverGetVersion(_Out_ int *version)',
  cuDeviceGetCount: 'int cuDeviceGetCount(_Out_ int *count)',
  cuDeviceGet: 'int cuDeviceGet(_Out_ int *device, int ordinal)',
  cuDeviceGetName: 'int cuDeviceGetName(void *name, int length, int device)',
  cuDeviceGetUuid_v2: 'int cuDeviceGetUuid_v2(void *uuid, int device)',
  cuDevicePrimaryCtxRetain: 'int cuDevicePrimaryCtxRetain(_Out_ void **context, int device)',
  cuDevicePrimaryCtxRelease_v2: 'int cuDevicePrimaryCtxRelease_v2(int device)',
  cuCtxSetCurrent: 'int cuCtxSetCurrent(void *context)',
  cuMemGetInfo_v2: 'int cuMemGetInfo_v2(_Out_ size_t *free, _Out_ size_t *total)',
  cuMemAlloc_v2: 'int cuMemAlloc_v2(_Out_ uint64_t *address, size_t bytes)',
  cuMemFree_v2: 'int cuMemFree_v2(uint64_t address)',
  cuMemHostAlloc: 'int cuMemHostAlloc(_Out_ void **address, size_t bytes, unsigned int flags)',
  cuMemFreeHost: 'int cuMemFreeHost(void *address)',
  cuMemcpyHtoDAsync_v2: 'int cuMemcpyHtoDAsync_v2(uint64_t to, void *from, size_t bytes, void *stream)',
  cuMemcpyDtoHAsync_v2: 'int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream)',
  cuModuleLoadData: 'int cuModuleLoadData(_Out_ void **module, const char *text)',
  cuModuleGetFunction: 'int cuModuleGetFunction(_Out_ void **kernel, void *module, const char *name)',
  cuLaunchKernel:
    'int cuLaunchKernel(void *kernel, unsigned int gridX, unsigned int gridY, unsigned int gridZ, ' +
    'unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, ' +
    'void *stream, void *values, void *extra)',
  cuStreamCreate: 'int cuStreamCreate(_Out_ void **stream, unsigned int flags)',
  cuStreamDestroy_v2: 'int cuStreamDestroy_v2(void *stream)',
  cuStreamQuery: 'int cuStreamQuery(void *stream)',
};

type CallName = keyof typeof declarations;

const nonBlockingStream = 1;
/** Pinned memory that every context of the process may use. */
const portablePinned = 1;
const mostArguments = 8;
const slotBytes = 8;
const nameBytes = 256;

export interface Extent {
  x: number;
  y: number;
}

/** Grid in blocks, block in threads. */
export interface LaunchShape {
  grid: Extent;
  block: Extent;
}

export interface KernelArgument {
  type: 'uint64_t' | 'int' | 'float';
  value: bigint | number;
}

/**
 * libcuda, synchronously and on one thread: the current context belongs to a thread, so koffi's
 * `.async` would run without one. Every call throws a `DeviceError` with the driver's code.
 */
export class CudaDriver {
  readonly #koffi: Koffi;
  readonly #calls: Record<CallName, NativeCall>;
  /** Values of a launch, then the pointers to them; outside the JavaScript heap, which may move. */
  readonly #block: bigint;

  constructor(koffi: Koffi, library: Library) {
    this.#koffi = koffi;
    this.#calls = bindCalls(library, declarations);
    this.#block = BigInt(koffi.alloc('uint8_t', 2 * mostArguments * slotBytes) as bigint);
  }

  init(): void {
    this.#call('cuInit', [0]);
  }

  /** 12080 for CUDA 12.8. */
  version(): number {
    const version = outValue();
    this.#call('cuDriverGetVersion', [version.slot]);
    return version.number();
  }

  deviceCount(): number {
    const count = outValue();
    this.#call('cuDeviceGetCount', [count.slot]);
    return count.number();
  }

  firstDevice(): { device: number; name: string; uuid: string } {
    const device = outValue();
    this.#call('cuDeviceGet', [device.slot, 0]);
    const name = Buffer.alloc(nameBytes);
    this.#call('cuDeviceGetName', [name, nameBytes, device.number()]);
    const uuid = Buffer.alloc(16);
    this.#call('cuDeviceGetUuid_v2', [uuid, device.number()]);
    return {
      device: device.number(),
      name: name.toString('utf8', 0, name.indexOf(0)),
      uuid: uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    };
  }

  retainContext(device: number): bigint {
    const context = outValue();
    this.#call('cuDevicePrimaryCtxRetain', [context.slot, device], 'context');
    return context.bigint();
  }

  /** Gives back all that the context holds. */
  releaseContext(device: number): void {
    this.#call('cuDevicePrimaryCtxRelease_v2', [device]);
  }

  setCurrent(context: bigint): void {
    this.#call('cuCtxSetCurrent', [context]);
  }

  memory(): { freeBytes: number; totalBytes: number } {
    const free = outValue();
    const total = outValue();
    this.#call('cuMemGetInfo_v2', [free.slot, total.slot]);
    return { freeBytes: free.number(), totalBytes: total.number() };
  }

  alloc(bytes: number): bigint {
    const address = outValue();
    this.#call('cuMemAlloc_v2', [address.slot, bytes], `allocation of ${bytes} bytes`);
    return address.bigint();
  }

  /** Waits for running kernels. */
  free(address: bigint): void {
    this.#call('cuMemFree_v2', [address]);
  }

  hostAlloc(bytes: number): bigint {
    const address = outValue();
    this.#call('cuMemHostAlloc', [address.slot, bytes, portablePinned], `pinning ${bytes} bytes`);
    return address.bigint();
  }

  hostFree(address: bigint): void {
    this.#call('cuMemFreeHost', [address]);
  }

  /** The bytes are read before it returns. */
  copyIn(to: bigint, from: NodeJS.TypedArray, stream: bigint): void {
    this.#call('cuMemcpyHtoDAsync_v2', [to, from, from.byteLength, stream]);
  }

  /** Blocks until the stream is there and the bytes are written; ask `isDone` before. */
  copyOut(to: NodeJS.TypedArray, from: bigint, stream: bigint): void {
    this.#call('cuMemcpyDtoHAsync_v2', [to, from, to.byteLength, stream]);
  }

  loadModule(text: string): bigint {
    const module = outValue();
    this.#call('cuModuleLoadData', [module.slot, text]);
    return module.bigint();
  }

  kernel(module: bigint, name: string): bigint {
    const kernel = outValue();
    this.#call('cuModuleGetFunction', [kernel.slot, module, name], `kernel ${name}`);
    return kernel.bigint();
  }

  launch(kernel: bigint, { grid, block }: LaunchShape, values: readonly KernelArgument[], stream: bigint): void {
    const pointersAt = mostArguments * slotBytes;
    values.forEach(({ type, value }, index) => {
      const at = index * slotBytes;
      this.#koffi.encode(this.#block, at, type, value);
      this.#koffi.encode(this.#block, pointersAt + at, 'uint64_t', this.#block + BigInt(at));
    });
    const pointers = this.#block + BigInt(pointersAt);
    this.#call('cuLaunchKernel', [kernel, grid.x, grid.y, 1, block.x, block.y, 1, 0, stream, pointers, null]);
  }

  createStream(): bigint {
    const stream = outValue();
    this.#call('cuStreamCreate', [stream.slot, nonBlockingStream]);
    return stream.bigint();
  }

  destroyStream(stream: bigint): void {
    this.#call('cuStreamDestroy_v2', [stream]);
  }

  isDone(stream: bigint): boolean {
    const code = Number(this.#calls.cuStreamQuery(stream));
    if (code !== 0 && code !== notReadyCode) {
      throw cudaError(code, 'cuStreamQuery');
    }
    return code === 0;
  }

  #call(name: CallName, values: readonly unknown[], what: string = name): void {
    const code = Number(this.#calls[name](...values));
    if (code !== 0) {
      throw cudaError(code, what);
    }
  }
}
