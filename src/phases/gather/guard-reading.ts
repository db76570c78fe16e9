import type { Sample } from '../../model/probe.ts';

/** What the guard looks at of one tick; null: not read. */
export interface GuardReading {
  treeBytes: number | null;
  group: { usedBytes: number; peakBytes: number; limitBytes: number | null; anonBytes: number } | null;
  treeAnonBytes: number | null;
  /** The largest mapping of one process: a sum would count a shared page for each of them. */
  mappedSharedBytes: number;
  tmpfsBytes: number | null;
  /** What the group is charged for shared memory and files in memory, whoever wrote them. */
  chargedBytes: number | null;
  memTotalBytes: number | null;
  memAvailableBytes: number | null;
  harnessRssBytes: number | null;
}

export function guardReading(samples: readonly Sample[]): GuardReading {
  const value = (scope: Sample['scope'], metric: string, instance?: string): number | null =>
    samples.find(
      (sample) =>
        sample.scope === scope && sample.metric === metric && (instance === undefined || sample.instance === instance),
    )?.value ?? null;
  const all = (scope: Sample['scope'], metric: string): number[] =>
    samples.flatMap((sample) => (sample.scope === scope && sample.metric === metric ? (sample.value ?? []) : []));
  const tmpfs = all('host', 'tmpfs_used_bytes');
  const treeAnonBytes = value('tree', 'rss_anon_bytes');
  const groupUsedBytes = value('cgroup', 'non_reclaimable_bytes');
  const groupUsageBytes = value('cgroup', 'usage_bytes');
  const groupPeakBytes = value('cgroup', 'peak_bytes');
  const swapBytes = value('tree', 'swap_bytes') ?? 0;
  return {
    treeAnonBytes,
    mappedSharedBytes: Math.max(0, ...all('process', 'rss_shmem_bytes')),
    tmpfsBytes: tmpfs.length === 0 ? null : tmpfs.reduce((sum, bytes) => sum + bytes, 0),
    chargedBytes: value('cgroup', 'shmem_bytes'),
    treeBytes: treeAnonBytes === null ? null : treeAnonBytes + swapBytes,
    group:
      groupUsedBytes === null
        ? null
        : {
            usedBytes: groupUsedBytes,
            peakBytes:
              groupPeakBytes === null || groupUsageBytes === null
                ? groupUsedBytes
                : groupPeakBytes - Math.max(0, groupUsageBytes - groupUsedBytes),
            limitBytes: value('cgroup', 'limit_bytes'),
            anonBytes: value('cgroup', 'anon_bytes') ?? groupUsedBytes,
          },
    memTotalBytes: value('host', 'mem_total_bytes', 'host'),
    memAvailableBytes: value('host', 'mem_available_bytes', 'host'),
    harnessRssBytes: value('client', 'rss_bytes', 'harness'),
  };
}
