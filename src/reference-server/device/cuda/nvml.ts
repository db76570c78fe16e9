import type { DeviceProcess, DeviceReading } from '../device.ts';
import { bindCalls, type Library, type NativeCall, outValue } from './library.ts';

const declarations = {
  nvmlInit_v2: 'int nvmlInit_v2()',
  nvmlSystemGetDriverVersion: 'int nvmlSystemGetDriverVersion(void *version, unsigned int length)',
  nvmlDeviceGetHandleByIndex_v2: 'int nvmlDeviceGetHandleByIndex_v2(unsigned int index, _Out_ void **device)',
  nvmlDeviceGetHandleByUUID: 'int nvmlDeviceGetHandleByUUID(const char *uuid, _Out_ void **device)',
  nvmlDeviceGetMemoryInfo: 'int nvmlDeviceGetMemoryInfo(void *device, void *memory)',
  nvmlErrorString: 'const char *nvmlErrorString(int code)',
};

/** Younger than the rest: a driver may lack them. */
const youngDeclarations = {
  nvmlDeviceGetMemoryInfo_v2: 'int nvmlDeviceGetMemoryInfo_v2(void *device, void *memory)',
  nvmlDeviceGetComputeRunningProcesses_v3:
    'int nvmlDeviceGetComputeRunningProcesses_v3(void *device, _Inout_ unsigned int *count, void *rows)',
};

const versionBytes = 80;
const insufficientSize = 7;

// nvmlMemory_v2_t: its size and version in the first word, then total, reserved, free, used.
const memoryV2Bytes = 40;
const memoryV2Version = 0x2000028;
// nvmlMemory_t: total, free, used.
const memoryV1Bytes = 24;
// nvmlProcessInfo_t of _v3: pid, bytes at 8, two instance ids.
const processBytes = 24;
const firstProcessRows = 64;
/** Bytes of a process that the driver does not tell. */
const notAvailable = 2n ** 64n - 1n;

function youngCalls(library: Library): Partial<Record<keyof typeof youngDeclarations, NativeCall>> {
  const calls: Partial<Record<keyof typeof youngDeclarations, NativeCall>> = {};
  for (const [name, declaration] of Object.entries(youngDeclarations)) {
    try {
      Object.assign(calls, bindCalls(library, { [name]: declaration }));
    } catch {
      // Read without it.
    }
  }
  return calls;
}

/** NVML reads the device without a context on it. Every method throws an `Error` of one line. */
export class Nvml {
  readonly #calls: Record<keyof typeof declarations, NativeCall>;
  readonly #young: Partial<Record<keyof typeof youngDeclarations, NativeCall>>;

  constructor(library: Library) {
    this.#calls = bindCalls(library, declarations);
    this.#young = youngCalls(library);
    this.#check('nvmlInit_v2', this.#calls.nvmlInit_v2());
  }

  driverVersion(): string {
    const version = Buffer.alloc(versionBytes);
    this.#check('nvmlSystemGetDriverVersion', this.#calls.nvmlSystemGetDriverVersion(version, versionBytes));
    return version.toString('utf8', 0, version.indexOf(0));
  }

  /** The device with CUDA's UUID: the order of devices may differ between the two libraries. */
  device(uuid: string): bigint {
    const device = outValue();
    for (const prefix of ['GPU', 'MIG']) {
      if (Number(this.#calls.nvmlDeviceGetHandleByUUID(`${prefix}-${uuid}`, device.slot)) === 0) {
        return device.bigint();
      }
    }
    this.#check('nvmlDeviceGetHandleByIndex_v2', this.#calls.nvmlDeviceGetHandleByIndex_v2(0, device.slot));
    return device.bigint();
  }

  read(device: bigint): DeviceReading {
    const { totalBytes, freeBytes, reservedBytes } = this.#memory(device);
    return {
      totalBytes,
      freeBytes,
      usedBytes: totalBytes - freeBytes,
      reservedBytes,
      processes: this.#processes(device),
    };
  }

  #memory(device: bigint): { totalBytes: number; freeBytes: number; reservedBytes: number | null } {
    const younger = Buffer.alloc(memoryV2Bytes);
    younger.writeUInt32LE(memoryV2Version);
    if (this.#young.nvmlDeviceGetMemoryInfo_v2?.(device, younger) === 0) {
      const word = (index: number): number => Number(younger.readBigUInt64LE(8 * index));
      return { totalBytes: word(1), reservedBytes: word(2), freeBytes: word(3) };
    }
    const older = Buffer.alloc(memoryV1Bytes);
    this.#check('nvmlDeviceGetMemoryInfo', this.#calls.nvmlDeviceGetMemoryInfo(device, older));
    const word = (index: number): number => Number(older.readBigUInt64LE(8 * index));
    return { totalBytes: word(0), freeBytes: word(1), reservedBytes: null };
  }

  /** Empty where the driver does not tell, as on some virtual machines. */
  #processes(device: bigint): DeviceProcess[] {
    for (let room = firstProcessRows; ; ) {
      const count = outValue(room);
      const rows = Buffer.alloc(room * processBytes);
      const code = this.#young.nvmlDeviceGetComputeRunningProcesses_v3?.(device, count.slot, rows);
      if (code === insufficientSize && count.number() > room) {
        // Some may come between the two calls.
        room = 2 * count.number();
        continue;
      }
      return code === 0 ? Array.from({ length: count.number() }, (_, index) => processIn(rows, index)) : [];
    }
  }

  #check(what: string, code: unknown): void {
    if (code !== 0) {
      throw new Error(`${what}: ${String(code)} ${String(this.#calls.nvmlErrorString(code))}`);
    }
  }
}

function processIn(rows: Buffer, index: number): DeviceProcess {
  const bytes = rows.readBigUInt64LE(index * processBytes + 8);
  return {
    pid: rows.readUInt32LE(index * processBytes),
    label: null,
    bytes: bytes === notAvailable ? null : Number(bytes),
  };
}
