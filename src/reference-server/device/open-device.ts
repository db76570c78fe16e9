import { BenchError } from '../../base/errors.ts';
import { startLedger } from './broker.ts';
import type { CudaCheck } from './cuda/open-driver.ts';
import { checkCudaInChild, startCudaHost } from './cuda-host.ts';
import type { DeviceHost } from './device.ts';

/** `auto` takes a real device if there is one that works. */
export const deviceChoices = ['auto', 'cuda', 'virtual'] as const;

export type DeviceChoice = (typeof deviceChoices)[number];

export interface DeviceSetup {
  choice: DeviceChoice;
  /** Of the virtual device; null = not asked for. */
  vramBytes: number | null;
  /** Of the virtual device. */
  contextBytes: number;
  /** Of the virtual device: how long the memory of an ended process stays taken. */
  teardownMs: number;
  /** Where the ledger of a virtual device listens. */
  socketPath: string;
}

const virtualVramBytes = 16 * 1024 ** 3;

/** What starts processes or calls a driver. */
export interface DeviceParts {
  check(): Promise<CudaCheck>;
  startCuda: typeof startCudaHost;
  startVirtual: typeof startLedger;
}

const realParts: DeviceParts = { check: checkCudaInChild, startCuda: startCudaHost, startVirtual: startLedger };

/** The device that the server runs on. `onLost` is told if it goes away. Throws `BenchError` if the one asked for is not there. */
export async function openDevice(
  setup: DeviceSetup,
  onLost: (how: string) => void,
  parts: DeviceParts = realParts,
): Promise<DeviceHost> {
  const { socketPath, contextBytes, choice } = setup;
  const vramBytes = setup.vramBytes ?? virtualVramBytes;
  const virtual = (why: string): Promise<DeviceHost> =>
    parts.startVirtual(socketPath, { vramBytes, contextBytes, teardownMs: setup.teardownMs, why }, onLost);
  if (choice === 'virtual') {
    return virtual('the virtual device was asked for');
  }
  if (choice === 'auto' && setup.vramBytes !== null) {
    return virtual('--vram sizes a virtual device');
  }
  const found = await parts.check();
  if (found.isUsable) {
    return parts.startCuda(found, onLost);
  }
  if (choice === 'cuda') {
    throw new BenchError('TARGET_FAILED_TO_START', `There is no CUDA device to use: ${found.why}.`, {
      hint: 'Take --device virtual, or --device auto, which falls back to it.',
    });
  }
  return virtual(found.why);
}
