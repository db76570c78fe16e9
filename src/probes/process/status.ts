/** What /proc/PID/status tells of memory, in bytes. null for what the kernel leaves out, as of a process that is exiting. */
export interface StatusReading {
  locked_bytes: number | null;
  pinned_bytes: number | null;
  hwm_lifetime_bytes: number | null;
  rss_bytes: number | null;
  rss_anon_bytes: number | null;
  rss_file_bytes: number | null;
  rss_shmem_bytes: number | null;
  swap_bytes: number | null;
  threads: number | null;
}

/** `hwm_lifetime_bytes` is VmHWM: of the whole life until somebody resets it. */
export function parseStatus(text: string): StatusReading {
  // Nine of sixty lines are wanted, of many processes at every tick: searching onwards is cheaper than splitting.
  let from = 0;
  const field = (heading: string): number | null => {
    const at = text.indexOf(heading, from);
    if (at < 0) {
      return null;
    }
    from = at + heading.length;
    const value = Number.parseInt(text.slice(from, from + 24), 10);
    return Number.isNaN(value) ? null : value;
  };
  const bytes = (heading: string): number | null => {
    const kibibytes = field(heading);
    return kibibytes === null ? null : kibibytes * 1024;
  };
  // In the order in which the kernel prints them (task_mem of fs/proc/task_mmu.c).
  return {
    locked_bytes: bytes('\nVmLck:'),
    pinned_bytes: bytes('\nVmPin:'),
    hwm_lifetime_bytes: bytes('\nVmHWM:'),
    rss_bytes: bytes('\nVmRSS:'),
    rss_anon_bytes: bytes('\nRssAnon:'),
    rss_file_bytes: bytes('\nRssFile:'),
    rss_shmem_bytes: bytes('\nRssShmem:'),
    swap_bytes: bytes('\nVmSwap:'),
    threads: field('\nThreads:'),
  };
}
