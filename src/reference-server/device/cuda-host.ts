import { messageOf } from '../../base/errors.ts';
import { startChild } from '../children.ts';
import { type CudaCheck, openNvml, whyNoDriver } from './cuda/open-driver.ts';
import type { DeviceHost, DeviceReading } from './device.ts';

/** A broken driver may hang in its first call. */
const checkTimeoutMs = 20_000;

/** Looks for a usable device in a child, so that the caller's process never has a context. */
export async function checkCudaInChild(): Promise<CudaCheck> {
  const why = await whyNoDriver(process.env);
  if (why !== null) {
    return { isUsable: false, why };
  }
  const child = startChild('device/cuda-check-main', []);
  let timer: NodeJS.Timeout | undefined;
  const told = new Promise<CudaCheck>((resolve) => {
    child.onMessage((message) => resolve(message as CudaCheck));
    timer = setTimeout(() => {
      child.end('force');
      resolve({ isUsable: false, why: `the driver did not answer within ${checkTimeoutMs / 1000} s` });
    }, checkTimeoutMs);
  });
  const died = child.exited.then(
    (how): CudaCheck => ({ isUsable: false, why: `the check of the driver ended: ${how}` }),
  );
  try {
    return await Promise.race([told, died]);
  } finally {
    clearTimeout(timer);
    await child.exited;
  }
}

/** A real device, read by NVML; `onLost` is told once if it cannot be read any more. */
export async function startCudaHost(
  found: Extract<CudaCheck, { isUsable: true }>,
  onLost: (how: string) => void,
): Promise<DeviceHost> {
  const { nvml } = await openNvml([found.nvmlPath]);
  const device = nvml.device(found.uuid);
  let totals: DeviceReading | null = null;
  const refresh = async (): Promise<void> => {
    try {
      totals = nvml.read(device);
    } catch (error) {
      if (totals !== null) {
        onLost(messageOf(error));
      }
      totals = null;
    }
  };
  await refresh();
  return {
    kind: 'cuda',
    why: found.why,
    access: { kind: 'cuda', libraryPath: found.libraryPath },
    contextBytes: found.contextBytes,
    totals: () => totals,
    refresh,
    stop: async () => undefined,
  };
}
