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

/** How a child process reaches the device; travels as JSON. */
export type DeviceAccess = { kind: 'virtual'; socketPath: string; contextBytes: number };

/** One process's hold on the device; closing it, or dying, gives everything back. */
export interface DeviceContext {
  /** Resolves to the allocation's id, or throws a `DeviceError`. */
  alloc(bytes: number): Promise<number>;
  free(id: number): Promise<void>;
  /** Occupies the device for this long, or until the signal is aborted. */
  run(kernelMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The device as the front knows it; the front itself never opens a context. */
export interface DeviceHost {
  kind: 'virtual';
  /** Why this kind was taken. */
  why: string;
  access: DeviceAccess;
  /** VRAM that each process pays before its first allocation. */
  contextBytes: number;
  /** Of the last refresh; null if the device could not be read. */
  totals(): DeviceTotals | null;
  refresh(): Promise<void>;
  stop(): Promise<void>;
}
