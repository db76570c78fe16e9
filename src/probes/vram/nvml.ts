import { messageOf } from '../../base/errors.ts';
import { loadKoffi } from '../../base/koffi.ts';
import { type Library, nvmlPaths, openFirst } from '../../base/native-library.ts';
import { Nvml, type NvmlProcess, type NvmlProcessKind } from '../../base/nvml.ts';
import type { GpuProcess, GpuReading, GpuSource, OpenGpuSource } from './gpu-source.ts';

/** One process may compute and draw, and is then in two lists with the same bytes: the larger counts. */
export function mergeLists(lists: readonly (readonly NvmlProcess[])[]): GpuProcess[] {
  const merged = new Map<number, number | null>();
  for (const list of lists) {
    for (const { pid, bytes } of list) {
      const known = merged.get(pid) ?? null;
      merged.set(pid, known === null ? bytes : Math.max(known, bytes ?? 0));
    }
  }
  return [...merged].map(([pid, bytes]) => ({ pid, bytes }));
}

function attempt<T>(read: () => T, problems: string[]): T | null {
  try {
    return read();
  } catch (error) {
    problems.push(messageOf(error));
    return null;
  }
}

/** Drivers lack the list of MPS where there is no MPS, and that of graphics where nothing can draw. */
function processesOf(nvml: Nvml, device: bigint, problems: string[]): GpuProcess[] | null {
  const computing = attempt(() => nvml.processes(device, 'Compute'), problems);
  const more = (kind: NvmlProcessKind): NvmlProcess[] => attempt(() => nvml.processes(device, kind), []) ?? [];
  return computing === null ? null : mergeLists([computing, more('Graphics'), more('MPSCompute')]);
}

function readDevice(nvml: Nvml, device: bigint, instance: string, problems: string[]): GpuReading {
  const memory = attempt(() => nvml.memory(device), problems);
  return {
    instance,
    totalBytes: memory?.totalBytes ?? null,
    usedBytes: memory?.usedBytes ?? null,
    freeBytes: memory?.freeBytes ?? null,
    reservedBytes: memory?.reservedBytes ?? null,
    utilizationPercent: attempt(() => nvml.utilizationPercent(device), problems),
    processes: processesOf(nvml, device, problems),
  };
}

/** Every device that the library knows, or why there is none. */
export function openNvml(library: Library): OpenGpuSource | string {
  try {
    const nvml = new Nvml(library);
    const devices = nvml.devices().map((device) => ({ device, instance: `cuda:${nvml.uuid(device)}` }));
    return devices.length === 0
      ? 'the driver knows no device'
      : {
          read() {
            const problems: string[] = [];
            const readings = devices.map(({ device, instance }) => readDevice(nvml, device, instance, problems));
            return Promise.resolve({ readings, problems });
          },
          close: () => Promise.resolve(nvml.close()),
        };
  } catch (error) {
    return messageOf(error);
  }
}

/** NVIDIA's library: no context on the device, tens of microseconds for a reading. */
export const nvmlSource: GpuSource = {
  name: 'NVML',
  tellsHostPids: true,
  async open() {
    const koffi = await loadKoffi();
    if (typeof koffi === 'string') {
      return koffi;
    }
    const paths = nvmlPaths(process.env);
    const opened = openFirst(koffi, paths);
    return opened === null ? `cannot open ${paths[0]}` : openNvml(opened.library);
  },
};
