import { DeviceError } from '../device.ts';

/** Answers of the driver that matter here, numbered as in `cuda.h` 12.9. */
const words: Readonly<Record<number, string>> = {
  1: 'invalid value',
  2: 'out of device memory',
  3: 'cuInit was not called',
  34: 'stub library, no driver installed',
  46: 'device busy or exclusive',
  100: 'no CUDA device',
  201: 'no current context on this thread',
  209: 'no code for this GPU',
  218: 'the PTX text does not compile',
  222: 'PTX newer than the driver',
  500: 'kernel name not in the module',
  600: 'not ready',
  700: 'kernel fault, the context is lost',
  719: 'kernel fault, the context is lost',
  802: 'system not ready (fabric manager)',
  803: 'driver and library differ, reboot',
  999: 'unknown',
};

export const notReadyCode = 600;

const lostCodes: readonly number[] = [700, 719];

/** `cuInit: 100 no CUDA device`. */
export function cudaError(code: number, what: string): DeviceError {
  return new DeviceError(code, `${what}: ${code} ${words[code] ?? 'see CUresult in cuda.h'}`);
}

/** After such an error nothing works in this process any more. */
export function isContextLost(error: unknown): boolean {
  return error instanceof DeviceError && lostCodes.includes(error.deviceCode);
}
