import { parseKeyedNumbers } from '../../base/procfs.ts';
import type { HostView } from '../../model/target.ts';

/** What both versions of cgroups tell, in one form. */
export interface CgroupReading {
  usageBytes: number | null;
  anonBytes: number | null;
  shmemBytes: number | null;
  nonReclaimableBytes: number | null;
  limitFailures: number | null;
  oomKills: number | null;
}

export interface MemoryLimit {
  bytes: number | null;
  /** 0 = the leaf, n = levels up; null without a limit. */
  level: number | null;
}

export interface CgroupFiles {
  /** The file with the high-water mark. */
  peakFile: string;
  read(): CgroupReading;
  limit(): MemoryLimit;
}

function parseNumber(text: string | null): number | null {
  return text !== null && /^\d+\s*$/.test(text) ? Number(text) : null;
}

/** null if a part is missing: a sum that lacks a part would read too low. */
function sumOf(values: ReadonlyMap<string, number>, names: readonly string[]): number | null {
  let sum = 0;
  for (const name of names) {
    const value = values.get(name);
    if (value === undefined) {
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

/** v1: kernel memory is charged apart from memory.stat, so its own counter is added. */
export function v1Files(host: HostView, folders: readonly string[]): CgroupFiles {
  const leaf = folders[0] ?? '';
  const file = (name: string): string | null => host.read(`${leaf}/${name}`);
  const limit = (): MemoryLimit => {
    const visible = folders.map((folder) => parseLimit(host.read(`${folder}/memory.limit_in_bytes`)));
    // Also counts ancestors above what is mounted here; they stand for one more level.
    const hierarchical = /^hierarchical_memory_limit (\d+)$/m.exec(file('memory.stat') ?? '')?.[1] ?? null;
    return tightest([...visible, parseLimit(hierarchical)]);
  };
  return {
    peakFile: `${leaf}/memory.max_usage_in_bytes`,
    limit,
    read() {
      const stat = parseKeyedNumbers(file('memory.stat') ?? '');
      const resident = sumOf(stat, ['total_rss', 'total_shmem']);
      const kernel = parseNumber(file('memory.kmem.usage_in_bytes'));
      const limiting = folders[limit().level ?? 0] ?? leaf;
      return {
        usageBytes: parseNumber(file('memory.usage_in_bytes')),
        anonBytes: stat.get('total_rss') ?? null,
        shmemBytes: stat.get('total_shmem') ?? null,
        nonReclaimableBytes: resident === null ? null : resident + (kernel ?? 0),
        limitFailures: parseNumber(host.read(`${limiting}/memory.failcnt`)),
        oomKills: parseKeyedNumbers(file('memory.oom_control') ?? '').get('oom_kill') ?? null,
      };
    },
  };
}

const v2NonReclaimable = ['anon', 'shmem', 'slab_unreclaimable', 'kernel_stack', 'pagetables', 'sock'];

/** v2: all in memory.stat, and events count for the group and everything below it. */
export function v2Files(host: HostView, folders: readonly string[]): CgroupFiles {
  const leaf = folders[0] ?? '';
  const file = (name: string): string | null => host.read(`${leaf}/${name}`);
  const limit = (): MemoryLimit => tightest(folders.map((folder) => parseLimit(host.read(`${folder}/memory.max`))));
  return {
    peakFile: `${leaf}/memory.peak`,
    limit,
    read() {
      const stat = parseKeyedNumbers(file('memory.stat') ?? '');
      const limiting = folders[limit().level ?? 0] ?? leaf;
      return {
        usageBytes: parseNumber(file('memory.current')),
        anonBytes: stat.get('anon') ?? null,
        shmemBytes: stat.get('shmem') ?? null,
        nonReclaimableBytes: sumOf(stat, v2NonReclaimable),
        limitFailures: parseKeyedNumbers(host.read(`${limiting}/memory.events`) ?? '').get('max') ?? null,
        oomKills: parseKeyedNumbers(file('memory.events') ?? '').get('oom_kill') ?? null,
      };
    },
  };
}
