import type { Library } from '../../../base/native-library.ts';
import { Nvml as NvmlLibrary } from '../../../base/nvml.ts';
import type { DeviceProcess, DeviceReading } from '../device.ts';

/** NVML reads the device without a context on it. Every method throws an `Error` of one line. */
export class Nvml {
  readonly #nvml: NvmlLibrary;

  constructor(library: Library) {
    this.#nvml = new NvmlLibrary(library);
  }

  driverVersion(): string {
    return this.#nvml.driverVersion();
  }

  /** The device with CUDA's UUID. */
  device(uuid: string): bigint {
    return this.#nvml.deviceOf(uuid);
  }

  /** What is used has what the driver keeps for itself in it, since nobody can have that. */
  read(device: bigint): DeviceReading {
    const { totalBytes, freeBytes, reservedBytes } = this.#nvml.memory(device);
    return {
      totalBytes,
      freeBytes,
      usedBytes: totalBytes - freeBytes,
      reservedBytes,
      processes: this.#processes(device),
    };
  }

  /** Empty where the driver does not tell, as on some virtual machines. */
  #processes(device: bigint): DeviceProcess[] {
    try {
      return this.#nvml.processes(device).map(({ pid, bytes }) => ({ pid, label: null, bytes }));
    } catch {
      return [];
    }
  }
}
