import type { HostView } from '../../model/target.ts';
import type { GpuProcess } from './gpu-source.ts';

/**
 * Reading amdgpu's files reserves a buffer of the process that is read, so at most 0.2 Hz. The
 * processes of others are searched through less often: that costs 0.1 ms for each of them.
 */
const readEveryMs = 5000;
const searchEveryMs = 60_000;

const unitBytes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
]);

interface Client {
  pci: string;
  id: string;
  bytes: number;
}

/**
 * A client of a DRM device from its fdinfo (keys: Documentation/gpu/drm-usage-stats.rst), with the
 * bytes of the first of `keys` that is there; null if the file tells no such memory.
 */
export function parseDrmClient(fdinfo: string, keys: readonly string[]): Client | null {
  const field = (name: string): string | null => new RegExp(`^${name}:\\s*(.+?)\\s*$`, 'm').exec(fdinfo)?.[1] ?? null;
  const pci = field('drm-pdev');
  const id = field('drm-client-id');
  const told = keys.map(field).find((value) => value !== null);
  const match = /^(\d{1,15})(?:\s+(\S+))?$/.exec(told ?? '');
  const unit = unitBytes.get(match?.[2] ?? '');
  return pci === null || id === null || match === null || unit === undefined
    ? null
    : { pci, id, bytes: Number(match[1]) * unit };
}

function clientsOf(host: HostView, pid: string, keys: readonly string[]): Client[] {
  return host.list(`/proc/${pid}/fd`).flatMap((fd) => {
    const isDrm = host.link(`/proc/${pid}/fd/${fd}`)?.startsWith('/dev/dri/') === true;
    const client = isDrm ? parseDrmClient(host.read(`/proc/${pid}/fdinfo/${fd}`) ?? '', keys) : null;
    return client ?? [];
  });
}

/** Who holds memory of the devices of one vendor, by the device's PCI address. */
export interface DrmScan {
  /** null: it is too soon to look again. */
  read(tMs: number, ownPids: readonly number[]): ReadonlyMap<string, readonly GpuProcess[]> | null;
}

export function createDrmScan(host: HostView, keys: readonly string[]): DrmScan {
  let readMs = Number.NEGATIVE_INFINITY;
  let searchedMs = Number.NEGATIVE_INFINITY;
  let holders: readonly string[] = [];
  return {
    read(tMs, ownPids) {
      if (tMs - readMs < readEveryMs) {
        return null;
      }
      readMs = tMs;
      if (tMs - searchedMs >= searchEveryMs) {
        searchedMs = tMs;
        holders = host.list('/proc').filter((pid) => /^\d+$/.test(pid) && clientsOf(host, pid, keys).length > 0);
      }
      const seen = new Set<string>();
      const byDevice = new Map<string, GpuProcess[]>();
      // Ours first: a file that was inherited is one client in two processes.
      for (const pid of new Set([...ownPids.map(String), ...holders])) {
        const held = new Map<string, number>();
        for (const { pci, id, bytes } of clientsOf(host, pid, keys)) {
          if (!seen.has(`${pci}/${id}`)) {
            seen.add(`${pci}/${id}`);
            held.set(pci, (held.get(pci) ?? 0) + bytes);
          }
        }
        for (const [pci, bytes] of held) {
          byDevice.set(pci, [...(byDevice.get(pci) ?? []), { pid: Number(pid), bytes }]);
        }
      }
      return byDevice;
    },
  };
}

/** The graphics cards of a vendor, by the name of their folder in /sys/class/drm. */
export function cardsOf(host: HostView, vendor: string): { folder: string; pci: string }[] {
  return host.list('/sys/class/drm').flatMap((name) => {
    const folder = `/sys/class/drm/${name}/device`;
    if (!/^card\d+$/.test(name) || host.read(`${folder}/vendor`)?.trim() !== vendor) {
      return [];
    }
    const pci = /^PCI_SLOT_NAME=(\S+)$/m.exec(host.read(`${folder}/uevent`) ?? '')?.[1];
    return pci === undefined ? [] : [{ folder, pci }];
  });
}

/** A number that is the whole content of a file of sysfs. */
export function readNumber(host: HostView, path: string): number | null {
  const text = host.read(path)?.trim() ?? '';
  return /^\d{1,20}$/.test(text) ? Number(text) : null;
}
