import { clockTicksPerSecond, keyedNumber, type ProcessStat, parseProcessStat } from '../../base/procfs.ts';
import type { HostView } from '../../model/target.ts';

/** What changes slowly, or costs more than a line: read every few seconds. */
export interface SlowReading {
  fds: number | null;
  main_thread_cpu_seconds: number | null;
  uninterruptible: number | null;
  io_read_bytes: number | null;
}

/** A read per thread, 20 us each: enough to see a pool that hangs on a disk. */
const mostThreads = 64;

/** The soft limit of open files; null if it is unlimited or unreadable. */
export function parseFdSoftLimit(text: string): number | null {
  const match = /^Max open files\s+(\d{1,20})(?=\s)/m.exec(text);
  return match === null ? null : Number(match[1]);
}

/** Linux tells the count as the folder's size since 6.2 and 0 before; then the names are counted. */
function openFds(host: HostView, pid: number): number | null {
  const size = host.size(`/proc/${pid}/fd`);
  if (size !== 0) {
    return size;
  }
  const count = host.list(`/proc/${pid}/fd`).length;
  return count === 0 ? null : count;
}

function threadsInStateD(host: HostView, pid: number): number {
  let count = 0;
  for (const thread of host.list(`/proc/${pid}/task`).slice(0, mostThreads)) {
    const stat = parseProcessStat(host.read(`/proc/${pid}/task/${thread}/stat`) ?? '');
    count += stat?.state === 'D' ? 1 : 0;
  }
  return count;
}

function mainThreadSeconds(host: HostView, pid: number): number | null {
  const stat = parseProcessStat(host.read(`/proc/${pid}/task/${pid}/stat`) ?? '');
  return stat === null ? null : stat.cpuTicks / clockTicksPerSecond;
}

/**
 * Of `stat` the state of the main thread is taken where the threads are not looked at one by one.
 * `knownSeconds`: what the main thread is known to have taken; null: it is read.
 */
export function readSlowly(
  host: HostView,
  stat: ProcessStat,
  threads: 'each thread' | 'main thread',
  knownSeconds: number | null,
): SlowReading {
  const { pid } = stat;
  return {
    fds: openFds(host, pid),
    main_thread_cpu_seconds: knownSeconds ?? mainThreadSeconds(host, pid),
    uninterruptible: threads === 'each thread' ? threadsInStateD(host, pid) : stat.state === 'D' ? 1 : 0,
    io_read_bytes: keyedNumber(host.read(`/proc/${pid}/io`) ?? '', 'rchar'),
  };
}
