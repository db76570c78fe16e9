import type { HostView } from '../../model/target.ts';
import { cardsOf, createDrmScan, readNumber } from './drm-clients.ts';
import type { GpuProcess, GpuSource } from './gpu-source.ts';

const vendor = '0x1002';
/** Younger kernels first: `drm-memory-vram` is their older name for what is resident. */
const residentKeys = ['drm-resident-vram', 'drm-memory-vram'];
const kfdFolder = '/sys/class/kfd/kfd';

/** PCI address of each of ROCm's devices; `location_id` holds bus and function as PCI numbers them. */
function kfdDevices(host: HostView): Map<string, string> {
  const devices = new Map<string, string>();
  for (const node of host.list(`${kfdFolder}/topology/nodes`)) {
    const folder = `${kfdFolder}/topology/nodes/${node}`;
    const id = readNumber(host, `${folder}/gpu_id`);
    const properties = host.read(`${folder}/properties`) ?? '';
    const property = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(properties)?.[1] ?? 0);
    const location = property('location_id');
    const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
    if (id !== null && id !== 0) {
      const device = `${hex((location >> 3) & 0x1f, 2)}.${location & 7}`;
      devices.set(String(id), `${hex(property('domain'), 4)}:${hex(location >> 8, 2)}:${device}`);
    }
  }
  return devices;
}

/** What ROCm's driver books on each process, by PCI address and pid. */
function kfdBytes(host: HostView, devices: ReadonlyMap<string, string>): Map<string, Map<number, number>> {
  const held = new Map<string, Map<number, number>>();
  for (const pid of host.list(`${kfdFolder}/proc`)) {
    for (const [id, pci] of devices) {
      const bytes = readNumber(host, `${kfdFolder}/proc/${pid}/vram_${id}`);
      if (bytes !== null) {
        held.set(pci, (held.get(pci) ?? new Map<number, number>()).set(Number(pid), bytes));
      }
    }
  }
  return held;
}

/** Both may tell of the same buffers, so of one process the larger counts and never the sum. */
function larger(clients: readonly GpuProcess[], kfd: ReadonlyMap<number, number>): GpuProcess[] {
  const merged = new Map(kfd);
  for (const { pid, bytes } of clients) {
    merged.set(pid, Math.max(merged.get(pid) ?? 0, bytes ?? 0));
  }
  return [...merged].map(([pid, bytes]) => ({ pid, bytes }));
}

/** The kernel's files of amdgpu and of ROCm. */
export const amdSource: GpuSource = {
  name: 'AMD',
  tellsHostPids: false,
  open(target, host) {
    const cards = cardsOf(host, vendor).filter(
      ({ folder }) => readNumber(host, `${folder}/mem_info_vram_total`) !== null,
    );
    if (cards.length === 0) {
      return Promise.resolve('no amdgpu device in /sys/class/drm');
    }
    const scan = createDrmScan(host, residentKeys);
    const devices = kfdDevices(host);
    return Promise.resolve({
      read(tMs) {
        const pids = target.processes().map(({ pid }) => pid);
        const clients = scan.read(tMs, pids);
        const kfd = clients === null ? null : kfdBytes(host, devices);
        const readings = cards.map(({ folder, pci }) => {
          const totalBytes = readNumber(host, `${folder}/mem_info_vram_total`);
          const usedBytes = readNumber(host, `${folder}/mem_info_vram_used`);
          return {
            instance: `amd:${pci}`,
            totalBytes,
            usedBytes,
            // More used than there is: one of the two is wrong, and nobody knows which.
            freeBytes:
              totalBytes === null || usedBytes === null || usedBytes > totalBytes ? null : totalBytes - usedBytes,
            reservedBytes: null,
            utilizationPercent: readNumber(host, `${folder}/gpu_busy_percent`),
            processes:
              clients === null
                ? ('unchanged' as const)
                : larger(clients.get(pci) ?? [], kfd?.get(pci) ?? new Map<number, number>()),
          };
        });
        return Promise.resolve({ readings, problems: [] });
      },
      close: () => Promise.resolve(),
    });
  },
};
