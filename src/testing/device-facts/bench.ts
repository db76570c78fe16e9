import { readFileSync } from 'node:fs';
import { cudaPaths, nvmlPaths } from '../../base/native-library.ts';
import type { CudaDriver } from '../../reference-server/device/cuda/driver.ts';
import type { Nvml } from '../../reference-server/device/cuda/nvml.ts';
import { openDriver, openNvml } from '../../reference-server/device/cuda/open-driver.ts';

/** One line of the output: numbers carry their unit in the name, null = not told. */
export type Fact = { fact: string } & Record<string, unknown>;

/** How much the facts take; small for a card that does not exist. */
export interface FactSizes {
  allocationsMib: readonly number[];
  pinnedMib: number;
  copiedMib: number;
  matrixSize: number;
  children: number;
  childMib: number;
}

/** A context on the first device, and NVML beside it. */
export interface FactBench {
  driver: CudaDriver;
  nvml: Nvml;
  /** The device as NVML names it. */
  device: bigint;
  stream: bigint;
  sizes: FactSizes;
}

export const mebibyte = 1024 ** 2;

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function inMib(bytes: number): number {
  return rounded(bytes / mebibyte);
}

/** Milliseconds of something synchronous. */
export function timed<T>(action: () => T): { ms: number; value: T } {
  const startedMs = performance.now();
  const value = action();
  return { ms: rounded(performance.now() - startedMs), value };
}

const hostFields = ['RssAnon', 'RssFile', 'RssShmem', 'VmLck', 'VmPin'] as const;

/** Host memory of this process, in MiB by the kernel's names. */
export function hostMib(): Record<string, number> {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Object.fromEntries(
    hostFields.map((field) => {
      const kib = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1];
      return [field, kib === undefined ? Number.NaN : rounded(Number(kib) / 1024)];
    }),
  );
}

export function usedMib({ nvml, device }: FactBench): number {
  return inMib(nvml.read(device).usedBytes);
}

/** Opens the bench, and tells what opening cost. */
export async function openBench(sizes: FactSizes): Promise<{ bench: FactBench; facts: Fact[] }> {
  const { nvml, path: nvmlPath } = await openNvml(nvmlPaths(process.env));
  const startedMs = performance.now();
  const { driver, path } = await openDriver(cudaPaths(process.env));
  const initMs = rounded(performance.now() - startedMs);
  const { device: ordinal, name, uuid } = driver.firstDevice();
  const device = nvml.device(uuid);
  const idle = nvml.read(device);
  const hostBefore = hostMib();
  const context = timed(() => driver.setCurrent(driver.retainContext(ordinal)));
  const withContext = nvml.read(device);
  const own = withContext.processes.find(({ pid }) => pid === process.pid) ?? null;
  return {
    bench: { driver, nvml, device, stream: driver.createStream(), sizes },
    facts: [
      {
        fact: 'driver',
        name,
        driver: nvml.driverVersion(),
        cudaVersion: driver.version(),
        path,
        nvmlPath,
        initMs,
        totalMib: inMib(idle.totalBytes),
        reservedMib: idle.reservedBytes === null ? null : inMib(idle.reservedBytes),
        usedBeforeContextMib: inMib(idle.usedBytes),
      },
      {
        fact: 'context',
        ms: context.ms,
        takenMib: inMib(withContext.usedBytes - idle.usedBytes),
        hostBefore,
        hostAfter: hostMib(),
        isOwnPidListed: own !== null,
        ownMib: own === null || own.bytes === null ? null : inMib(own.bytes),
        listedProcesses: withContext.processes.length,
      },
    ],
  };
}
