import type { Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { HiddenMemory } from '../model/server-gauges.ts';
import { targetGroup } from './cgroup.ts';
import { orZero } from './holders.ts';
import { alignTo, emptySeries, mapSeries, sumAt } from './series.ts';

/**
 * Files in memory that nobody maps. tmpfs is told for the whole host: what was there at the first sample is not the
 * target's, and no more counts than its group was charged for since, whoever else is in that group. The kernel charges
 * a page to the group of whoever touches it first (cgroup-v2.rst, "Memory Ownership").
 * Every mapping is subtracted, a page mapped twice twice: the rest is a lower bound.
 */
export function hiddenMemory(samples: SampleTable): HiddenMemory | Unavailable {
  const mountPoints = samples.instances('host', 'tmpfs_used_bytes');
  const ticks = samples.series('host', mountPoints[0] ?? '', 'tmpfs_used_bytes');
  if (ticks === null) {
    return { unavailable: true, reason: 'no file system in memory was read' };
  }
  const used = sumAt(samples, ticks.tMs, 'host', 'tmpfs_used_bytes');
  const gained = risenSinceFirst(used);
  const mapped = alignTo(ticks.tMs, samples.series('tree', 'tree', 'rss_shmem_bytes'));
  const group = targetGroup(samples);
  const charged =
    group === null
      ? null
      : risenSinceFirst(alignTo(ticks.tMs, samples.series('cgroup', group.instance, 'shmem_bytes')));
  return {
    unseen: mapSeries(ticks, (_, index) => {
      const bytes = charged?.[index] ?? Number.NaN;
      const all = gained[index] ?? Number.NaN;
      const own = Number.isNaN(bytes) ? all : Math.min(all, bytes);
      return Number.isNaN(own) ? own : Math.max(0, own - orZero(mapped[index]));
    }),
    isOwn: group?.isOwn === true && charged?.some((bytes) => !Number.isNaN(bytes)) === true,
    mounts: mountPoints.map((mountPoint) => ({
      mountPoint,
      used: samples.series('host', mountPoint, 'tmpfs_used_bytes') ?? emptySeries,
      sizeBytes: samples.series('host', mountPoint, 'tmpfs_size_bytes')?.values.findLast((bytes) => bytes > 0) ?? null,
    })),
  };
}

function risenSinceFirst(bytes: Float64Array): Float64Array {
  const base = bytes.find((one) => !Number.isNaN(one)) ?? 0;
  return bytes.map((one) => one - base);
}
