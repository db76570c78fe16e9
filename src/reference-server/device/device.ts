/** Driver code of an allocation that the device cannot hold, the same number on every device. */
export const outOfMemoryCode = 2;

export class DeviceError extends Error {
  readonly deviceCode: number;

  constructor(deviceCode: number, message: string) {
    super(message);
    this.name = 'DeviceError';
    this.deviceCode = deviceCode;
  }
}

export interface DeviceTotals {
  totalBytes: number;
  usedBytes: number;
  freeBytes: number;
}

/** A process that holds device memory. */
export interface DeviceProcess {
  pid: number;
  /** What the process called itself; a real driver knows no such name. */
  label: string | null;
  /** Null if the driver does not say, as inside some containers. */
  bytes: number | null;
}

/** Device memory in the shape in which NVML tells it. */
export interface DeviceReading extends DeviceTotals {
  /** What the driver keeps for itself; null if it does not say. */
  reservedBytes: number | null;
  processes: readonly DeviceProcess[];
}

/** How a child process reaches the device; travels as JSON. */
export type DeviceAccess =
  | { kind: 'virtual'; socketPath: string; contextBytes: number }
  | { kind: 'cuda'; libraryPath: string };

/** Whoever can be asked for device memory: a context, or an arena over one. */
export interface DeviceMemory {
  /** Resolves to the allocation's id, or throws a `DeviceError`. */
  alloc(bytes: number): Promise<number>;
  free(id: number): Promise<void>;
}

/** Host memory that the kernel may not move or swap, as a driver hands it out for fast copies. */
export interface PinnedBlock {
  id: number;
  isLocked: boolean;
  /** Why it is not locked; null if it is. */
  why: string | null;
}

/** `queued`: one at a time in the order asked; else side by side. */
export type KernelOrder = 'side-by-side' | 'queued';

/** Small real work on the device; on the virtual one the processor does it. */
export interface DeviceKernels {
  /** Log-mel of mono samples at 16 kHz: 80 bands for each 10 ms, frame by frame. */
  logMel(samples: Float32Array): Promise<Float32Array>;
  /** Product of two `size` x `size` matrices, rows first. */
  matmul(left: Float32Array, right: Float32Array, size: number): Promise<Float32Array>;
  /** Bytes of RGB pixels, row by row, to three planes of -1..1. */
  normalise(pixels: Uint8Array, width: number, height: number): Promise<Float32Array>;
}

/** One process's hold on the device; closing it, or dying, gives everything back. */
export interface DeviceContext extends DeviceMemory {
  /** Takes host memory, every page of it, and locks it where the system allows. */
  pin(bytes: number): Promise<PinnedBlock>;
  unpin(id: number): Promise<void>;
  /**
   * Occupies the device for this long, or until the signal is aborted. Queued kernels of all
   * contexts share one queue on the virtual device; on a real one each context has its own.
   */
  run(kernelMs: number, signal: AbortSignal, order?: KernelOrder): Promise<void>;
  kernels: DeviceKernels;
  totals(): Promise<DeviceTotals>;
  close(): void;
}

/** The device as the front knows it; the front itself never opens a context. */
export interface DeviceHost {
  kind: DeviceAccess['kind'];
  /** What was taken and why. */
  why: string;
  access: DeviceAccess;
  /** VRAM that each process pays before its first allocation. */
  contextBytes: number;
  /** Of the last refresh; null if the device could not be read. */
  totals(): DeviceReading | null;
  refresh(): Promise<void>;
  stop(): Promise<void>;
}
