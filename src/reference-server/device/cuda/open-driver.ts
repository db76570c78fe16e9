import { messageOf } from '../../../base/errors.ts';
import { loadKoffi } from '../../../base/koffi.ts';
import { cudaPaths, nvmlPaths, openFirst } from '../../../base/native-library.ts';
import { ptx } from '../../kernels/ptx.ts';
import { DeviceError } from '../device.ts';
import { CudaDriver } from './driver.ts';
import { Nvml } from './nvml.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const unknownCode = 999;

/** Why no child needs to look for a device: opening the library, without a call, costs next to nothing. */
export async function whyNoDriver(env: Environment): Promise<string | null> {
  const koffi = await loadKoffi();
  if (typeof koffi === 'string') {
    return koffi;
  }
  const paths = cudaPaths(env);
  const opened = openFirst(koffi, paths);
  opened?.library.unload();
  return opened === null ? `cannot open ${paths[0]}` : null;
}

/** The first driver of these paths, initialised. Throws a `DeviceError` of one line. */
export async function openDriver(paths: readonly string[]): Promise<{ path: string; driver: CudaDriver }> {
  const koffi = await loadKoffi();
  if (typeof koffi === 'string') {
    throw new DeviceError(unknownCode, koffi);
  }
  const opened = openFirst(koffi, paths);
  if (opened === null) {
    throw new DeviceError(unknownCode, `cannot open ${paths[0]}`);
  }
  const driver = new CudaDriver(koffi, opened.library);
  driver.init();
  return { path: opened.path, driver };
}

/** The first NVML of these paths. Throws an `Error` of one line. */
export async function openNvml(paths: readonly string[]): Promise<{ path: string; nvml: Nvml }> {
  const koffi = await loadKoffi();
  if (typeof koffi === 'string') {
    throw new Error(koffi);
  }
  const opened = openFirst(koffi, paths);
  if (opened === null) {
    throw new Error(`cannot open ${paths[0]}`);
  }
  return { path: opened.path, nvml: new Nvml(opened.library) };
}

/** A device that can be used, or why there is none. */
export type CudaCheck =
  | { isUsable: false; why: string }
  | {
      isUsable: true;
      why: string;
      libraryPath: string;
      nvmlPath: string;
      uuid: string;
      /** Device memory that a context takes before its first allocation. */
      contextBytes: number;
    };

/**
 * Opens a context and loads the kernels, so that a device which passes can be worked with. Only in a
 * process of its own: the context stays until it ends.
 */
export async function checkCuda(env: Environment): Promise<CudaCheck> {
  try {
    const { path: libraryPath, driver } = await openDriver(cudaPaths(env));
    if (driver.deviceCount() === 0) {
      return { isUsable: false, why: 'no CUDA device' };
    }
    const { path: nvmlPath, nvml } = await openNvml(nvmlPaths(env));
    const { device, name, uuid } = driver.firstDevice();
    const handle = nvml.device(uuid);
    const before = nvml.read(handle);
    driver.setCurrent(driver.retainContext(device));
    const after = nvml.read(handle);
    const own = after.processes.find(({ pid }) => pid === process.pid)?.bytes ?? null;
    driver.loadModule(ptx);
    const why = `${name}, driver ${nvml.driverVersion()}`;
    const contextBytes = own ?? Math.max(0, after.usedBytes - before.usedBytes);
    return { isUsable: true, why, libraryPath, nvmlPath, uuid, contextBytes };
  } catch (error) {
    return { isUsable: false, why: messageOf(error) };
  }
}
