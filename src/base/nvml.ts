import { bindCalls, bindPresent, type Library, type NativeCall, outValue } from './native-library.ts';

/** Device memory as the driver tells it; total = reserved + used + free. */
export interface NvmlMemory {
  totalBytes: number;
  /** What the driver keeps for itself; null if it is too old to tell it apart from `usedBytes`. */
  reservedBytes: number | null;
  usedBytes: number;
  freeBytes: number;
}

/** A process on a device. Its pid is the host's, also where a container asks. */
export interface NvmlProcess {
  pid: number;
  /** null: the driver does not tell, as under WSL and in some containers. */
  bytes: number | null;
}

/** Processes by the way in which they use a device; one process may be in several lists. */
export type NvmlProcessKind = 'Compute' | 'Graphics' | 'MPSCompute';

const declarations = {
  nvmlInit_v2: 'int nvmlInit_v2()',
  nvmlSystemGetDriverVersion: 'int nvmlSystemGetDriverVersion(void *version, unsigned int length)',
  nvmlDeviceGetCount_v2: 'int nvmlDeviceGetCount_v2(_Out_ unsigned int *count)',
  nvmlDeviceGetHandleByIndex_v2: 'int nvmlDeviceGetHandleByIndex_v2(unsigned int index, _Out_ void **device)',
  nvmlDeviceGetHandleByUUID: 'int nvmlDeviceGetHandleByUUID(const char *uuid, _Out_ void **device)',
  nvmlDeviceGetUUID: 'int nvmlDeviceGetUUID(void *device, void *uuid, unsigned int length)',
  nvmlDeviceGetMemoryInfo: 'int nvmlDeviceGetMemoryInfo(void *device, void *memory)',
  nvmlDeviceGetUtilizationRates: 'int nvmlDeviceGetUtilizationRates(void *device, void *rates)',
  nvmlErrorString: 'const char *nvmlErrorString(int code)',
  nvmlShutdown: 'int nvmlShutdown()',
};

const memoryV2Declaration = {
  nvmlDeviceGetMemoryInfo_v2: 'int nvmlDeviceGetMemoryInfo_v2(void *device, void *memory)',
};

type ListName = `nvmlDeviceGet${NvmlProcessKind}RunningProcesses_${'v3' | 'v2'}`;

/** Of both versions a row has the same layout. */
const listVersions = ['v3', 'v2'] as const;
const listKinds: readonly NvmlProcessKind[] = ['Compute', 'Graphics', 'MPSCompute'];
const listDeclarations = Object.fromEntries(
  listKinds.flatMap((kind) =>
    listVersions.map((version) => {
      const name: ListName = `nvmlDeviceGet${kind}RunningProcesses_${version}`;
      return [name, `int ${name}(void *device, _Inout_ unsigned int *count, void *rows)`];
    }),
  ),
) as Record<ListName, string>;

const textBytes = 96;
const insufficientSize = 7;

// nvmlMemory_v2_t: its size and version in the first word, then total, reserved, free, used.
const memoryV2Bytes = 40;
const memoryV2Version = 0x2000028;
// nvmlMemory_t: total, free, used.
const memoryV1Bytes = 24;
// nvmlProcessInfo_t: pid, bytes at 8, two instance ids.
const processBytes = 24;
const firstProcessRows = 64;
/** Processes may come between the call that tells how many there are and the next; then it is asked again. */
const mostListCalls = 5;
/** More than any machine has: a driver that tells more is not believed, since room is made for what it tells. */
const mostDevices = 256;
const mostProcesses = 65_536;
/** Above it the driver does not tell the bytes of a process: it writes 2^64 - 1. */
const mostBytes = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * NVML reads devices without a context on them (layouts: NVIDIA's nvml.h). Every method throws an
 * `Error` of one line that holds the driver's code.
 */
export class Nvml {
  readonly #calls: Record<keyof typeof declarations, NativeCall>;
  readonly #memoryV2: NativeCall | undefined;
  readonly #lists: Partial<Record<ListName, NativeCall>>;
  readonly #memory = Buffer.alloc(memoryV2Bytes);
  readonly #rates = Buffer.alloc(8);
  #rows = Buffer.alloc(firstProcessRows * processBytes);

  constructor(library: Library) {
    this.#calls = bindCalls(library, declarations);
    this.#memoryV2 = bindPresent(library, memoryV2Declaration).nvmlDeviceGetMemoryInfo_v2;
    this.#lists = bindPresent(library, listDeclarations);
    this.#check('nvmlInit_v2', this.#calls.nvmlInit_v2());
  }

  driverVersion(): string {
    const version = Buffer.alloc(textBytes);
    this.#check('nvmlSystemGetDriverVersion', this.#calls.nvmlSystemGetDriverVersion(version, textBytes));
    return textIn(version);
  }

  /** Handles of all devices that this process may see. */
  devices(): bigint[] {
    const count = outValue();
    this.#check('nvmlDeviceGetCount_v2', this.#calls.nvmlDeviceGetCount_v2(count.slot));
    return Array.from({ length: believed('devices', count.number(), mostDevices) }, (_, index) =>
      this.#deviceAt(index),
    );
  }

  /** The device with CUDA's UUID, else the first: the order of devices may differ between the two libraries. */
  deviceOf(uuid: string): bigint {
    const device = outValue();
    for (const prefix of ['GPU', 'MIG']) {
      if (this.#calls.nvmlDeviceGetHandleByUUID(`${prefix}-${uuid}`, device.slot) === 0) {
        return device.bigint();
      }
    }
    return this.#deviceAt(0);
  }

  uuid(device: bigint): string {
    const uuid = Buffer.alloc(textBytes);
    this.#check('nvmlDeviceGetUUID', this.#calls.nvmlDeviceGetUUID(device, uuid, textBytes));
    return textIn(uuid);
  }

  memory(device: bigint): NvmlMemory {
    const words = this.#memory;
    const word = (index: number): number =>
      believed('bytes', Number(words.readBigUInt64LE(8 * index)), Number.MAX_SAFE_INTEGER);
    words.writeUInt32LE(memoryV2Version);
    if (this.#memoryV2?.(device, words) === 0) {
      return { totalBytes: word(1), reservedBytes: word(2), freeBytes: word(3), usedBytes: word(4) };
    }
    const older = words.subarray(0, memoryV1Bytes);
    this.#check('nvmlDeviceGetMemoryInfo', this.#calls.nvmlDeviceGetMemoryInfo(device, older));
    return { totalBytes: word(0), reservedBytes: null, freeBytes: word(1), usedBytes: word(2) };
  }

  /** Share of the last moment in which a kernel ran, 0 to 100. */
  utilizationPercent(device: bigint): number {
    this.#check('nvmlDeviceGetUtilizationRates', this.#calls.nvmlDeviceGetUtilizationRates(device, this.#rates));
    return believed('percent', this.#rates.readUInt32LE(0), 100);
  }

  /** Throws also where the driver has no such list, as older ones and some virtual machines. */
  processes(device: bigint, kind: NvmlProcessKind = 'Compute'): NvmlProcess[] {
    const version = listVersions.find(
      (one) => this.#lists[`nvmlDeviceGet${kind}RunningProcesses_${one}`] !== undefined,
    );
    const name: ListName = `nvmlDeviceGet${kind}RunningProcesses_${version ?? 'v2'}`;
    const list = this.#lists[name];
    if (list === undefined) {
      throw new Error(`${name}: the driver is too old`);
    }
    for (let calls = 1; ; calls += 1) {
      const room = this.#rows.length / processBytes;
      const count = outValue(room);
      const code = list(device, count.slot, this.#rows);
      if (code !== insufficientSize || calls === mostListCalls) {
        this.#check(name, code);
        const listed = believed('processes', count.number(), room);
        return Array.from({ length: listed }, (_, index) => processIn(this.#rows, index));
      }
      const wanted = believed('processes', Math.max(room, count.number()), mostProcesses);
      this.#rows = Buffer.alloc(2 * wanted * processBytes);
    }
  }

  close(): void {
    this.#calls.nvmlShutdown();
  }

  #deviceAt(index: number): bigint {
    const device = outValue();
    const code = this.#calls.nvmlDeviceGetHandleByIndex_v2(index, device.slot);
    this.#check('nvmlDeviceGetHandleByIndex_v2', code);
    return device.bigint();
  }

  #check(what: string, code: unknown): void {
    if (code !== 0) {
      throw new Error(`${what}: ${String(code)} ${String(this.#calls.nvmlErrorString(code))}`);
    }
  }
}

/** Throws what the driver told if it cannot be. */
function believed(unit: string, told: number, most: number): number {
  if (!(told <= most)) {
    throw new Error(`the driver tells ${told} ${unit}`);
  }
  return told;
}

/** Up to the first zero; a driver that wrote none has filled the buffer. */
function textIn(buffer: Buffer): string {
  const end = buffer.indexOf(0);
  return buffer.toString('utf8', 0, end < 0 ? buffer.length : end);
}

function processIn(rows: Buffer, index: number): NvmlProcess {
  const bytes = rows.readBigUInt64LE(index * processBytes + 8);
  return {
    pid: rows.readUInt32LE(index * processBytes),
    bytes: bytes > mostBytes ? null : Number(bytes),
  };
}
