import { keyedNumber } from '../../base/procfs.ts';
import type { HostView } from '../../model/target.ts';

/** What both versions of cgroups tell, in one form. */
export interface CgroupReading {
  usageBytes: number | null;
  anonBytes: number | null;
  shmemBytes: number | null;
  swapBytes: number | null;
  nonReclaimableBytes: number | null;
  limit: MemoryLimit;
  limitFailures: number | null;
  /** By level: how often that group's own limit was hit. null for a group without limit, or without such a count. */
  limitHits: readonly (number | null)[];
  oomKills: number | null;
}

export interface MemoryLimit {
  bytes: number | null;
  /** 0 = the leaf, n = levels up; null without a limit. */
  level: number | null;
}

/** What one group of the path allows itself. */
export interface GroupBounds {
  usageBytes: number | null;
  ownLimitBytes: number | null;
  /** memory.high; null where there is none, as in all of v1. */
  highBytes: number | null;
}

export interface CgroupFiles {
  /** The file with the high-water mark. */
  peakFile: string;
  /** v2 throttles at memory.high; v1 has no such thing. */
  hasHigh: boolean;
  read(): CgroupReading;
  /** From the leaf upwards; also looks anew at which groups have a limit. */
  bounds(): readonly GroupBounds[];
}

export function parseNumber(text: string | null): number | null {
  return text !== null && /^\d{1,20}\s*$/.test(text) ? Number(text) : null;
}

/** null if a part is missing: a sum that lacks a part would read too low. */
function sumOf(text: string, names: readonly string[]): number | null {
  let sum = 0;
  for (const name of names) {
    const value = keyedNumber(text, name);
    if (value === null) {
      return null;
    }
    sum += value;
  }
  return sum;
}

/** v1 writes "no limit" as the largest page counter, 2^63 less a page. */
const v1UnlimitedBytes = 2 ** 60;

/** A limit as either version writes it; null for none. */
export function parseLimit(text: string | null): number | null {
  const bytes = parseNumber(text);
  return bytes === null || bytes >= v1UnlimitedBytes ? null : bytes;
}

/** The tightest of the limits from the leaf upwards; the lower level wins a tie. */
export function tightest(limitsBytes: readonly (number | null)[]): MemoryLimit {
  let found: MemoryLimit = { bytes: null, level: null };
  for (const [level, bytes] of limitsBytes.entries()) {
    if (bytes !== null && (found.bytes === null || bytes < found.bytes)) {
      found = { bytes, level };
    }
  }
  return found;
}

/** The group's folder and those of its ancestors, up to the mount point. */
export function foldersUpwards(folder: string, mountPoint: string): readonly string[] {
  const folders = [folder];
  let current = folder;
  while (current !== mountPoint && current.startsWith(`${mountPoint}/`)) {
    current = current.slice(0, current.lastIndexOf('/'));
    folders.push(current);
  }
  return folders;
}

/** Reads of one line of folders that remember which of them have a limit: most have none, at every tick. */
function limitsOf(
  host: HostView,
  folders: readonly string[],
  name: string,
): { read(): (number | null)[]; lookAnew(): void } {
  let limited = folders.map(() => true);
  const read = (): (number | null)[] =>
    folders.map((folder, level) => (limited[level] === true ? parseLimit(host.read(`${folder}/${name}`)) : null));
  return {
    read,
    lookAnew() {
      limited = folders.map(() => true);
      limited = read().map((bytes) => bytes !== null);
    },
  };
}

/** v1: kernel memory is charged apart from memory.stat, so its own counter is added. */
export function v1Files(host: HostView, folders: readonly string[]): CgroupFiles {
  const leaf = folders[0] ?? '';
  const file = (name: string): string | null => host.read(`${leaf}/${name}`);
  const limits = limitsOf(host, folders, 'memory.limit_in_bytes');
  limits.lookAnew();
  return {
    peakFile: `${leaf}/memory.max_usage_in_bytes`,
    hasHigh: false,
    read() {
      const stat = file('memory.stat') ?? '';
      const resident = sumOf(stat, ['total_rss', 'total_shmem']);
      const kernel = parseNumber(file('memory.kmem.usage_in_bytes'));
      // Also counts ancestors above what is mounted here; they stand for one more level.
      const hierarchical = keyedNumber(stat, 'hierarchical_memory_limit');
      const own = limits.read();
      const limit = tightest([...own, parseLimit(hierarchical === null ? null : String(hierarchical))]);
      const failuresOf = (folder: string): number | null => parseNumber(host.read(`${folder}/memory.failcnt`));
      const limitHits = folders.map((folder, level) => ((own[level] ?? null) === null ? null : failuresOf(folder)));
      const level = limit.level ?? 0;
      return {
        usageBytes: parseNumber(file('memory.usage_in_bytes')),
        anonBytes: keyedNumber(stat, 'total_rss'),
        shmemBytes: keyedNumber(stat, 'total_shmem'),
        swapBytes: keyedNumber(stat, 'total_swap'),
        nonReclaimableBytes: resident === null ? null : resident + (kernel ?? 0),
        limit,
        limitFailures: limitHits[level] ?? failuresOf(folders[level] ?? leaf),
        limitHits,
        oomKills: keyedNumber(file('memory.oom_control') ?? '', 'oom_kill'),
      };
    },
    bounds() {
      limits.lookAnew();
      const own = limits.read();
      return folders.map((folder, level) => ({
        usageBytes: parseNumber(host.read(`${folder}/memory.usage_in_bytes`)),
        ownLimitBytes: own[level] ?? null,
        highBytes: null,
      }));
    },
  };
}

const v2NonReclaimable = ['anon', 'shmem', 'slab_unreclaimable', 'kernel_stack', 'pagetables', 'sock'];

/** v2: all in memory.stat, and events count for the group and everything below it. */
export function v2Files(host: HostView, folders: readonly string[]): CgroupFiles {
  const leaf = folders[0] ?? '';
  const file = (name: string): string | null => host.read(`${leaf}/${name}`);
  const limits = limitsOf(host, folders, 'memory.max');
  limits.lookAnew();
  return {
    peakFile: `${leaf}/memory.peak`,
    hasHigh: true,
    read() {
      const stat = file('memory.stat') ?? '';
      const own = limits.read();
      const limit = tightest(own);
      const events = file('memory.events');
      const level = limit.level ?? 0;
      const limitEvents = level === 0 ? events : host.read(`${folders[level] ?? leaf}/memory.events`);
      return {
        usageBytes: parseNumber(file('memory.current')),
        anonBytes: keyedNumber(stat, 'anon'),
        shmemBytes: keyedNumber(stat, 'shmem'),
        swapBytes: parseNumber(file('memory.swap.current')),
        nonReclaimableBytes: sumOf(stat, v2NonReclaimable),
        limit,
        limitFailures: keyedNumber(limitEvents ?? '', 'max'),
        // memory.events adds up what happens below; only its local sister (Linux 5.2) tells whose limit it was.
        limitHits: folders.map((folder, level) =>
          (own[level] ?? null) === null ? null : keyedNumber(host.read(`${folder}/memory.events.local`) ?? '', 'oom'),
        ),
        oomKills: keyedNumber(events ?? '', 'oom_kill'),
      };
    },
    bounds() {
      limits.lookAnew();
      const own = limits.read();
      return folders.map((folder, level) => ({
        usageBytes: parseNumber(host.read(`${folder}/memory.current`)),
        ownLimitBytes: own[level] ?? null,
        highBytes: parseLimit(host.read(`${folder}/memory.high`)),
      }));
    },
  };
}
