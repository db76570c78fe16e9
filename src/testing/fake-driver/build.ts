import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { loadKoffi } from '../../base/koffi.ts';

/** The fake libcuda and NVML, compiled, in a folder of their own. */
export interface FakeDriver {
  cudaPath: string;
  nvmlPath: string;
  /** NVML of a driver that lacks the younger calls. */
  oldNvmlPath: string;
  /** NVML of drivers 450 to 510, with another version of the lists of processes. */
  listsV2NvmlPath: string;
  /** For a process that takes it for the machine's driver; processes of one environment share the card. */
  env: { CUDA_LIB: string; NVML_LIB: string; FAKE_GPU_STATE: string };
  remove(): void;
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Why it cannot be built here, or null: the tests that need it are skipped, with the reason in their title. */
export async function whyNoFakeDriver(): Promise<string | null> {
  if (process.platform !== 'linux') {
    return 'Linux only';
  }
  const koffi = await loadKoffi();
  if (typeof koffi === 'string') {
    return koffi;
  }
  const compiler = await execa('cc', ['--version'], { reject: false });
  return compiler.failed ? 'no C compiler' : null;
}

/** Compiles both libraries with `cc`. Throws with the compiler's text. */
export async function buildFakeDriver(): Promise<FakeDriver> {
  const folder = mkdtempSync(join(tmpdir(), 'fake-driver-'));
  const compile = async (name: string, library: string, options: readonly string[] = []): Promise<string> => {
    const path = join(folder, library);
    const include = ['-I', here('../../reference-server/kernels')];
    await execa('cc', ['-shared', '-fPIC', '-O1', ...include, ...options, '-o', path, here(`${name}.c`), '-lm']);
    return path;
  };
  const [cudaPath, nvmlPath, oldNvmlPath, listsV2NvmlPath] = await Promise.all([
    compile('libcuda', 'libcuda.so'),
    compile('libnvml', 'libnvml.so'),
    compile('libnvml', 'libnvml-old.so', ['-DOLD_NVML']),
    compile('libnvml', 'libnvml-lists-v2.so', ['-DLISTS_V2']),
  ]);
  return {
    cudaPath,
    nvmlPath,
    oldNvmlPath,
    listsV2NvmlPath,
    env: { CUDA_LIB: cudaPath, NVML_LIB: nvmlPath, FAKE_GPU_STATE: join(folder, 'card') },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
