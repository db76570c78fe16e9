import type { Sample } from '../../model/probe.ts';
import type { ProcessValues, SeenProcess } from './seen-process.ts';

const summed: readonly (keyof ProcessValues)[] = [
  'rss_anon_bytes',
  'rss_file_bytes',
  'rss_shmem_bytes',
  'rss_bytes',
  'swap_bytes',
  'hwm_bytes',
  'hwm_lifetime_bytes',
  'locked_bytes',
  'pinned_bytes',
  'threads',
  'fds',
  'cpu_seconds',
  'main_thread_cpu_seconds',
  'major_faults',
  'uninterruptible',
  'io_read_bytes',
];

/** Over the living processes that have the value, each with its last reading; null if none has. */
function sumOf(seen: readonly SeenProcess[], metric: keyof ProcessValues): number | null {
  let sum: number | null = null;
  for (const { values } of seen) {
    const value = values[metric];
    if (value !== null) {
      sum = (sum ?? 0) + value;
    }
  }
  return sum;
}

export function addTreeSums(seen: readonly SeenProcess[], samples: Sample[]): void {
  for (const metric of summed) {
    samples.push({ scope: 'tree', instance: 'tree', metric, value: sumOf(seen, metric) });
  }
  samples.push({ scope: 'tree', instance: 'tree', metric: 'processes', value: seen.length });
}
