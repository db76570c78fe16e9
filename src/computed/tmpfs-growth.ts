import type { SampleTable } from '../model/samples.ts';
import { targetGroup } from './cgroup.ts';
import { alignTo, sumAt } from './series.ts';

export interface TmpfsGrowth {
  /** What all file systems in memory gained since the first sample; below zero where files went. */
  bytes: Float64Array;
  /** The target's own cgroup is charged for it. False: tmpfs was told for more than the target, so it may be another's. */
  isOwn: boolean;
}

/**
 * tmpfs is told for the whole host: what was there at the first sample is not the target's, and no more counts than its
 * group was charged for since, whoever else is in that group. The kernel charges a page to the group of whoever touches
 * it first (cgroup-v2.rst, "Memory Ownership"). null: no file system in memory was read.
 */
export function tmpfsGrowth(samples: SampleTable, tMs: Float64Array): TmpfsGrowth | null {
  if (samples.instances('host', 'tmpfs_used_bytes').length === 0) {
    return null;
  }
  const gained = risenSinceFirst(sumAt(samples, tMs, 'host', 'tmpfs_used_bytes'));
  const group = targetGroup(samples);
  const charged =
    group === null ? null : risenSinceFirst(alignTo(tMs, samples.series('cgroup', group.instance, 'shmem_bytes')));
  return {
    bytes: gained.map((all, index) => {
      const bytes = charged?.[index] ?? Number.NaN;
      return Number.isNaN(bytes) ? all : Math.min(all, bytes);
    }),
    isOwn: group?.isOwn === true && charged?.some((bytes) => !Number.isNaN(bytes)) === true,
  };
}

function risenSinceFirst(bytes: Float64Array): Float64Array {
  const base = bytes.find((one) => !Number.isNaN(one)) ?? 0;
  return bytes.map((one) => one - base);
}
