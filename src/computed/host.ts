import { median } from '../base/statistics.ts';
import type { Host, Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { alignTo, emptySeries, hasValues, mapSeries } from './series.ts';

export function host(samples: SampleTable): Host | Unavailable {
  const series = (metric: string): Series | null => samples.series('host', 'host', metric);
  const total = series('mem_total_bytes');
  const memTotalBytes = total === null ? null : median(total.values);
  const available = series('mem_available_bytes');
  if (memTotalBytes === null || !hasValues(available)) {
    return { unavailable: true, reason: "the host's memory was not sampled" };
  }
  const swapFree = series('swap_free_bytes');
  const swapTotal = alignTo(available.tMs, series('swap_total_bytes'));
  return {
    memAvailableBytes: available,
    memTotalBytes,
    swapUsedBytes:
      swapFree === null ? emptySeries : mapSeries(swapFree, (free, index) => (swapTotal[index] ?? Number.NaN) - free),
    swapTotalBytes: lastOf(series('swap_total_bytes')),
    tmpfs: tmpfsOf(samples),
    sharedMemoryBytes: series('shmem_bytes') ?? emptySeries,
  };
}

function lastOf(series: Series | null): number | null {
  return series?.values.findLast((value) => !Number.isNaN(value)) ?? null;
}

function tmpfsOf(samples: SampleTable): Host['tmpfs'] {
  const mounts = samples.instances('host', 'tmpfs_size_bytes');
  const mountPoint = mounts.find((name) => name.endsWith('/dev/shm')) ?? mounts[0];
  const sizeBytes = mountPoint === undefined ? null : lastOf(samples.series('host', mountPoint, 'tmpfs_size_bytes'));
  return mountPoint === undefined || sizeBytes === null ? null : { mountPoint, sizeBytes };
}
