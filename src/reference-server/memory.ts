import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Share of a limit that the gates on host memory leave untouched: 20 % to be safe, 5 % for freed clips that the collector still holds. */
const headroomShareRatio = 0.25;

export type ReadText = (path: string) => string | null;

export function readTextFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A file that went away with its process or is not offered here is an answer, not a failure.
    return null;
  }
}

/** One bound on host memory: a cgroup of our own chain, or the host. */
export interface MemoryBound {
  limitBytes: number;
  freeBytes: number;
}

function wordOf(text: string | null, name: string): number | null {
  const match = text === null ? null : new RegExp(`^${name}:?\\s+(\\d+)`, 'm').exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}

function hostBound(read: ReadText): MemoryBound | null {
  const text = read('/proc/meminfo');
  const totalKib = wordOf(text, 'MemTotal');
  const availableKib = wordOf(text, 'MemAvailable');
  return totalKib === null || availableKib === null
    ? null
    : { limitBytes: totalKib * 1024, freeBytes: availableKib * 1024 };
}

interface CgroupVersion {
  roots: readonly string[];
  limitFile: string;
  usageFile: string;
  fileWords: readonly string[];
}

const versionOne: CgroupVersion = {
  roots: ['/sys/fs/cgroup/memory'],
  limitFile: 'memory.limit_in_bytes',
  usageFile: 'memory.usage_in_bytes',
  fileWords: ['total_inactive_file', 'total_active_file'],
};
const versionTwo: CgroupVersion = {
  roots: ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'],
  limitFile: 'memory.max',
  usageFile: 'memory.current',
  fileWords: ['inactive_file', 'active_file', 'slab_reclaimable'],
};

/** Version 1 says "no limit" with a number near 2^63. */
const noLimitBytes = 2 ** 60;

/** null for `max`, and for a file that is empty: 0 would refuse all. */
function bytesOf(text: string | null): number | null {
  const digits = /^\d{1,20}$/.exec(text?.trim() ?? '')?.[0];
  return digits === undefined ? null : Number(digits);
}

function cgroupBound(folder: string, version: CgroupVersion, read: ReadText): MemoryBound | null {
  const limit = bytesOf(read(join(folder, version.limitFile)));
  const usage = bytesOf(read(join(folder, version.usageFile)));
  if (limit === null || usage === null || limit >= noLimitBytes) {
    return null;
  }
  const stat = read(join(folder, 'memory.stat'));
  const reclaimable = version.fileWords.reduce((sum, word) => sum + (wordOf(stat, word) ?? 0), 0);
  return { limitBytes: limit, freeBytes: limit - Math.max(0, usage - reclaimable) };
}

function chainOf(root: string, path: string): string[] {
  const folders: string[] = [];
  for (let folder = join(root, path); folder.startsWith(root); folder = dirname(folder)) {
    folders.push(folder);
    if (folder === root) {
      break;
    }
  }
  return folders;
}

/** All bounds that hold for this process: its cgroup, every ancestor (v1 and v2), and the host. */
export function readMemoryBounds(read: ReadText = readTextFile): MemoryBound[] {
  const bounds: (MemoryBound | null)[] = [hostBound(read)];
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) {
      continue;
    }
    if (controllers === '' || controllers.split(',').includes('memory')) {
      const version = controllers === '' ? versionTwo : versionOne;
      for (const root of version.roots) {
        bounds.push(...chainOf(root, path).map((folder) => cgroupBound(folder, version, read)));
      }
    }
  }
  return bounds.filter((bound) => bound !== null);
}

/** Least free memory over the bounds, and least room once each keeps its headroom; null without a bound. */
export function leastFree(bounds: readonly MemoryBound[]): { freeBytes: number; spareBytes: number } | null {
  if (bounds.length === 0) {
    return null;
  }
  return {
    freeBytes: Math.min(...bounds.map((bound) => bound.freeBytes)),
    spareBytes: Math.min(...bounds.map((bound) => bound.freeBytes - headroomShareRatio * bound.limitBytes)),
  };
}

/** Anonymous resident bytes of a process; null once it is gone. */
export function anonBytesOf(pid: number | 'self', read: ReadText = readTextFile): number | null {
  const kib = wordOf(read(`/proc/${pid}/status`), 'RssAnon');
  return kib === null ? null : kib * 1024;
}
