import type { MetricMeta } from '../../model/probe.ts';

export const processMetrics: readonly MetricMeta[] = [
  { metric: 'rss_anon_bytes', unit: 'bytes', description: 'anonymous resident memory (RssAnon)' },
  { metric: 'rss_file_bytes', unit: 'bytes', description: 'resident pages of files (RssFile)' },
  {
    metric: 'rss_shmem_bytes',
    unit: 'bytes',
    description: 'resident shared memory (RssShmem); a page is counted once per process that maps it',
  },
  { metric: 'rss_bytes', unit: 'bytes', description: 'resident memory (VmRSS)' },
  { metric: 'swap_bytes', unit: 'bytes', description: 'anonymous memory in swap (VmSwap)' },
  {
    metric: 'hwm_bytes',
    unit: 'bytes',
    description:
      'highest resident memory since the reading before (VmHWM, reset at each); absent where that is refused',
  },
  {
    metric: 'hwm_lifetime_bytes',
    unit: 'bytes',
    description: 'highest resident memory of its life, or since somebody else reset it (VmHWM)',
  },
  { metric: 'locked_bytes', unit: 'bytes', description: 'memory locked by mlock (VmLck)' },
  { metric: 'pinned_bytes', unit: 'bytes', description: 'memory pinned by drivers (VmPin)' },
  { metric: 'threads', unit: 'threads', description: 'threads' },
  { metric: 'fds', unit: 'files', description: 'open file descriptors' },
  { metric: 'fd_soft_limit', unit: 'files', description: 'soft limit of open file descriptors' },
  { metric: 'cpu_seconds', unit: 'seconds', description: 'user and system time so far' },
  { metric: 'main_thread_cpu_seconds', unit: 'seconds', description: 'the same, of the main thread alone' },
  { metric: 'major_faults', unit: 'faults', description: 'page faults that waited for a disk, so far' },
  {
    metric: 'uninterruptible',
    unit: 'threads',
    description: 'threads in uninterruptible sleep; of all but the 8 largest processes the main thread only',
  },
  {
    metric: 'io_read_bytes',
    unit: 'bytes',
    description: 'read by system calls so far (rchar); empty where /proc/PID/io is refused',
  },
  { metric: 'processes', unit: 'processes', description: 'living processes of the tree' },
];
