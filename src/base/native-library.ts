import type { Koffi } from './koffi.ts';

/** A C library that koffi has opened. */
export type Library = ReturnType<Koffi['load']>;

/** A C function; out values are put into element 0 of the arrays passed for them. */
export type NativeCall = (...values: unknown[]) => unknown;

type Environment = Readonly<Record<string, string | undefined>>;

// Never the plain libcuda.so, which may be a toolkit's stub.
const folders = ['', '/usr/local/nvidia/lib64/', '/usr/lib/x86_64-linux-gnu/', '/usr/lib/wsl/lib/'];

function pathsOf(asked: string | undefined, name: string): string[] {
  return asked === undefined || asked === '' ? folders.map((folder) => folder + name) : [asked];
}

/** Where the driver may lie; `CUDA_LIB` names the only place. */
export function cudaPaths(env: Environment): string[] {
  return pathsOf(env['CUDA_LIB'], 'libcuda.so.1');
}

/** Where NVML may lie; `NVML_LIB` names the only place. */
export function nvmlPaths(env: Environment): string[] {
  return pathsOf(env['NVML_LIB'], 'libnvidia-ml.so.1');
}

/** The first library that can be opened, or null. */
export function openFirst(koffi: Koffi, paths: readonly string[]): { path: string; library: Library } | null {
  for (const path of paths) {
    try {
      return { path, library: koffi.load(path) };
    } catch {
      // Looked for elsewhere; the caller says that there was none.
    }
  }
  return null;
}

/** Binds functions by their C declarations. Throws if the library lacks one. */
export function bindCalls<Name extends string>(
  library: Library,
  declarations: Readonly<Record<Name, string>>,
): Record<Name, NativeCall> {
  const calls: Partial<Record<Name, NativeCall>> = {};
  for (const name of Object.keys(declarations) as Name[]) {
    calls[name] = library.func(declarations[name]);
  }
  return calls as Record<Name, NativeCall>;
}

/** As `bindCalls`, but without what the library lacks: for calls that came with a later version of it. */
export function bindPresent<Name extends string>(
  library: Library,
  declarations: Readonly<Record<Name, string>>,
): Partial<Record<Name, NativeCall>> {
  const calls: Partial<Record<Name, NativeCall>> = {};
  for (const name of Object.keys(declarations) as Name[]) {
    try {
      calls[name] = library.func(declarations[name]);
    } catch {
      // The caller does without it.
    }
  }
  return calls;
}

/** Room for one out value of a call. */
export interface OutValue {
  slot: unknown[];
  number(): number;
  /** Pointers and sizes arrive as number or BigInt. */
  bigint(): bigint;
}

/** `first` is what the call finds there, for values that go in and out. */
export function outValue(first: unknown = null): OutValue {
  const slot: unknown[] = [first];
  return {
    slot,
    number: () => Number(slot[0]),
    bigint: () => BigInt(slot[0] as bigint | number),
  };
}
