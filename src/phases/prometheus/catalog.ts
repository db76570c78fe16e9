import type { SampleScope } from '../../model/probe.ts';

/** Whose value a series is: a container's, the host's, a GPU's. */
export type SeriesOwner = 'container' | 'host' | 'gpu';

/** One series to ask for, and what it is called in `samples.csv`. */
export interface CatalogSeries {
  /** Name in Prometheus. */
  name: string;
  /** Matchers of its own beside the user's selector. */
  matchers: string;
  owner: SeriesOwner;
  /** null: read for a derived metric or for events only. */
  metric: string | null;
  factor: number;
  /** 0 means that there is none. */
  isZeroNone: boolean;
}

export const scopeOf: Readonly<Record<SeriesOwner, SampleScope>> = { container: 'cgroup', host: 'host', gpu: 'gpu' };

const microsecondsPerSecond = 1e6;
/** DCGM counts in MiB (dcgm-exporter, default-counters.csv). */
const mebibyte = 1024 ** 2;

const series = (owner: SeriesOwner, name: string, metric: string | null, factor = 1): CatalogSeries => ({
  name,
  matchers: '',
  owner,
  metric,
  factor,
  isZeroNone: false,
});

/** Kubernetes tells stalls as `waiting` (some) and `stalled` (full), in seconds. */
const pressure = (['memory', 'cpu', 'io'] as const).flatMap((resource) => [
  series(
    'container',
    `container_pressure_${resource}_waiting_seconds_total`,
    `psi_${resource}_some_total_us`,
    microsecondsPerSecond,
  ),
  series(
    'container',
    `container_pressure_${resource}_stalled_seconds_total`,
    `psi_${resource}_full_total_us`,
    microsecondsPerSecond,
  ),
]);

const hostPressure = (
  [
    ['memory_waiting', 'memory_some'],
    ['memory_stalled', 'memory_full'],
    ['cpu_waiting', 'cpu_some'],
    ['io_waiting', 'io_some'],
    ['io_stalled', 'io_full'],
  ] as const
).map(([theirs, ours]) =>
  series('host', `node_pressure_${theirs}_seconds_total`, `psi_${ours}_total_us`, microsecondsPerSecond),
);

export const workingSet = 'container_memory_working_set_bytes';
export const activeFile = 'container_memory_total_active_file_bytes';
export const restarts = 'kube_pod_container_status_restarts_total';
export const terminatedReason = 'kube_pod_container_status_last_terminated_reason';
export const declaredLimit = 'kube_pod_container_resource_limits';

/** cAdvisor or kubelet, kube-state-metrics, node_exporter, dcgm-exporter. The working set stands first. */
export const catalog: readonly CatalogSeries[] = [
  series('container', workingSet, null),
  series('container', activeFile, null),
  series('container', 'container_memory_usage_bytes', 'usage_bytes'),
  series('container', 'container_memory_rss', 'anon_bytes'),
  series('container', 'container_memory_swap', 'swap_bytes'),
  series('container', 'container_memory_max_usage_bytes', 'peak_lifetime_bytes'),
  series('container', 'container_memory_failcnt', 'limit_failures'),
  series('container', 'container_oom_events_total', 'oom_kills'),
  { ...series('container', 'container_spec_memory_limit_bytes', 'limit_bytes'), isZeroNone: true },
  ...pressure,
  { ...series('container', declaredLimit, null), matchers: 'resource="memory"' },
  series('container', restarts, null),
  { ...series('container', terminatedReason, null), matchers: 'reason="OOMKilled"' },
  series('host', 'node_memory_MemTotal_bytes', 'mem_total_bytes'),
  series('host', 'node_memory_MemAvailable_bytes', 'mem_available_bytes'),
  series('host', 'node_memory_Shmem_bytes', 'shmem_bytes'),
  series('host', 'node_memory_SwapTotal_bytes', 'swap_total_bytes'),
  series('host', 'node_memory_SwapFree_bytes', 'swap_free_bytes'),
  series('host', 'node_vmstat_oom_kill', 'oom_kills'),
  ...hostPressure,
  series('gpu', 'DCGM_FI_DEV_FB_USED', 'used_bytes', mebibyte),
  series('gpu', 'DCGM_FI_DEV_FB_FREE', 'free_bytes', mebibyte),
  series('gpu', 'DCGM_FI_DEV_FB_TOTAL', 'total_bytes', mebibyte),
  series('gpu', 'DCGM_FI_DEV_GPU_UTIL', 'utilization_percent'),
];
