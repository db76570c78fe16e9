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

/** One process's hold on the device; closing it, or dying, gives everything back. */
export interface DeviceContext {
  /** Resolves to the allocation's id, or throws a `DeviceError`. */
  alloc(bytes: number): Promise<number>;
  free(id: number): Promise<void>;
  /** Occupies the device for this long, or until the signal is aborted. */
  run(kernelMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}
