/** The part of WebAssembly that is used here; Node's types do not declare it. */
interface WasmRuntime {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: Record<string, Record<string, (...args: never[]) => number>>,
  ) => { exports: { memory: { buffer: ArrayBuffer }; _start(): void } };
}
const { WebAssembly: runtime } = globalThis as unknown as { WebAssembly: WasmRuntime };

/** What a program left behind: the bytes that it wrote to its file, and its messages. */
export interface ProgramOutcome {
  file: Buffer;
  messages: string;
}

/** Numbers of WASI preview 1: success, bad descriptor, not a seekable one. */
const success = 0;
const badDescriptor = 8;
const noSeek = 70;
/** Standard streams are 0 to 2; then the one folder that the program sees, and the one file that it opens there. */
const folderDescriptor = 3;
const fileDescriptor = 4;
const folderName = '/';
const isFolder = 3;
const isFile = 4;
const allRights = 0xffffn;

class ProgramExit extends Error {}

/** The program's memory, which moves when it grows: so it is looked up at each call. */
interface ProgramMemory {
  bytes(): Uint8Array;
  view(): DataView;
  /** Writes 32-bit words in a row; always succeeds. */
  put(at: number, ...words: number[]): number;
}

function memoryOf(buffer: () => ArrayBuffer): ProgramMemory {
  const view = (): DataView => new DataView(buffer());
  return {
    bytes: () => new Uint8Array(buffer()),
    view,
    put(at, ...words) {
      for (const [index, word] of words.entries()) {
        view().setUint32(at + 4 * index, word, true);
      }
      return success;
    },
  };
}

function processCalls({ bytes, put }: ProgramMemory, args: readonly string[]) {
  const argv = args.map((arg) => Buffer.from(`${arg}\0`));
  return {
    args_sizes_get: (count: number, size: number): number => {
      put(size, Buffer.concat(argv).length);
      return put(count, argv.length);
    },
    args_get: (pointers: number, texts: number): number => {
      let at = texts;
      for (const [index, arg] of argv.entries()) {
        put(pointers + 4 * index, at);
        bytes().set(arg, at);
        at += arg.length;
      }
      return success;
    },
    // The clock stands still, so that nothing made can depend on it.
    clock_time_get: (_clock: number, _precision: bigint, at: number): number => put(at, 0, 0),
    proc_exit: (code: number): number => {
      throw new ProgramExit(`exit ${code}`);
    },
  };
}

function fileCalls({ bytes, view, put }: ProgramMemory, written: Buffer[], messages: Buffer[]) {
  return {
    fd_prestat_get: (descriptor: number, at: number): number =>
      descriptor === folderDescriptor ? put(at, 0, folderName.length) : badDescriptor,
    fd_prestat_dir_name: (_descriptor: number, at: number, length: number): number => {
      bytes().set(Buffer.from(folderName).subarray(0, length), at);
      return success;
    },
    fd_fdstat_get: (descriptor: number, at: number): number => {
      bytes().fill(0, at, at + 24);
      view().setUint8(at, descriptor === folderDescriptor ? isFolder : isFile);
      view().setBigUint64(at + 8, allRights, true);
      view().setBigUint64(at + 16, allRights, true);
      return success;
    },
    fd_fdstat_set_flags: (): number => success,
    path_open: (...call: readonly (number | bigint)[]): number => put(Number(call.at(-1)), fileDescriptor),
    fd_write: (descriptor: number, vectors: number, count: number, total: number): number => {
      let taken = 0;
      for (let index = 0; index < count; index += 1) {
        const at = view().getUint32(vectors + 8 * index, true);
        const length = view().getUint32(vectors + 8 * index + 4, true);
        (descriptor === fileDescriptor ? written : messages).push(Buffer.from(bytes().slice(at, at + length)));
        taken += length;
      }
      return put(total, taken);
    },
    fd_read: (): number => badDescriptor,
    fd_seek: (): number => noSeek,
    fd_close: (): number => success,
  };
}

/**
 * A command-line program for WASI preview 1 that reads nothing and writes one file, as a function of its arguments.
 * It is not `node:wasi`, which is experimental, warns, and gives the program the real clock.
 */
export function loadProgram(wasm: Uint8Array): (args: readonly string[]) => ProgramOutcome {
  const module = new runtime.Module(wasm);
  return (args) => {
    const written: Buffer[] = [];
    const messages: Buffer[] = [];
    // Each run has a memory of its own: what it gives cannot depend on earlier runs.
    const memory = memoryOf(() => instance.exports.memory.buffer);
    const calls = { ...processCalls(memory, args), ...fileCalls(memory, written, messages) };
    const instance = new runtime.Instance(module, { wasi_snapshot_preview1: calls });
    try {
      instance.exports._start();
    } catch (error: unknown) {
      if (!(error instanceof ProgramExit)) {
        throw error;
      }
    }
    return { file: Buffer.concat(written), messages: Buffer.concat(messages).toString('utf8') };
  };
}
