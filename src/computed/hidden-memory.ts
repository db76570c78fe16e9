import type { Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { HiddenMemory } from '../model/server-gauges.ts';
import { orZero } from './holders.ts';
import { alignTo, emptySeries, mapSeries } from './series.ts';
import { tmpfsGrowth } from './tmpfs-growth.ts';

/**
 * Files in memory that nobody maps, of those that the target may have written. Every mapping is subtracted, a page
 * mapped twice twice: the rest is a lower bound.
 */
export function hiddenMemory(samples: SampleTable): HiddenMemory | Unavailable {
  const mountPoints = samples.instances('host', 'tmpfs_used_bytes');
  const ticks = samples.series('host', mountPoints[0] ?? '', 'tmpfs_used_bytes');
  const grown = ticks === null ? null : tmpfsGrowth(samples, ticks.tMs);
  if (ticks === null || grown === null) {
    return { unavailable: true, reason: 'no file system in memory was read' };
  }
  const mapped = alignTo(ticks.tMs, samples.series('tree', 'tree', 'rss_shmem_bytes'));
  return {
    unseen: mapSeries(ticks, (_, index) => {
      const own = grown.bytes[index] ?? Number.NaN;
      return Number.isNaN(own) ? own : Math.max(0, own - orZero(mapped[index]));
    }),
    isOwn: grown.isOwn,
    mounts: mountPoints.map((mountPoint) => ({
      mountPoint,
      used: samples.series('host', mountPoint, 'tmpfs_used_bytes') ?? emptySeries,
      sizeBytes: samples.series('host', mountPoint, 'tmpfs_size_bytes')?.values.findLast((bytes) => bytes > 0) ?? null,
    })),
  };
}
