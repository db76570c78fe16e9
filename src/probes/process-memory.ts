import { clockTicksPerSecond, parseProcessStat } from '../base/procfs.ts';
import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HostView, ObservedTarget, ProcessIdentity } from '../model/target.ts';

type Values = Record<string, number | null>;

/** null for what the kernel leaves out, as it does for a process that is exiting. */
export function parseStatus(text: string): Values {
  // Seven of sixty lines are wanted, of every process at every tick: searching is cheaper than splitting.
  const field = (name: string): number | null => {
    const at = text.indexOf(`\n${name}:`);
    const value = at < 0 ? Number.NaN : Number.parseInt(text.slice(at + name.length + 2, at + name.length + 24), 10);
    return Number.isNaN(value) ? null : value;
  };
  const bytes = (name: string): number | null => {
    const kibibytes = field(name);
    return kibibytes === null ? null : kibibytes * 1024;
  };
  return {
    rss_anon_bytes: bytes('RssAnon'),
    rss_file_bytes: bytes('RssFile'),
    rss_shmem_bytes: bytes('RssShmem'),
    rss_bytes: bytes('VmRSS'),
    swap_bytes: bytes('VmSwap'),
    hwm_bytes: bytes('VmHWM'),
    threads: field('Threads'),
  };
}

/** The soft limit of open files; null if it is unlimited or unreadable. */
export function parseFdSoftLimit(text: string): number | null {
  const match = /^Max open files\s+(\d+)/m.exec(text);
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

function readProcess(host: HostView, process: ProcessIdentity): Values | null {
  const stat = parseProcessStat(host.read(`/proc/${process.pid}/stat`) ?? '');
  // Gone since the tree was scanned, or its pid was given to another process.
  if (stat === null || stat.startTicks !== process.startTicks) {
    return null;
  }
  return {
    ...parseStatus(host.read(`/proc/${process.pid}/status`) ?? ''),
    fds: openFds(host, process.pid),
    cpu_seconds: stat.cpuTicks / clockTicksPerSecond,
    major_faults: stat.majorFaults,
    uninterruptible: stat.state === 'D' ? 1 : 0,
  };
}

const summed = [
  'rss_anon_bytes',
  'rss_file_bytes',
  'rss_shmem_bytes',
  'rss_bytes',
  'swap_bytes',
  'hwm_bytes',
  'threads',
  'fds',
  'cpu_seconds',
] as const;

/** Over the processes that have the value; null if none has. */
function sumOf(readings: readonly Values[], metric: string): number | null {
  const values = readings.flatMap((reading) => reading[metric] ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

const keyOf = (process: ProcessIdentity): string => `${process.pid}/${process.startTicks}`;
const instanceOf = (process: ProcessIdentity): string => `${process.role}#${process.pid}`;

function openOn(target: ObservedTarget, host: HostView): OpenProbe {
  let known = new Map<string, ProcessIdentity>();
  let limits = new Map<string, number | null>();
  let hadRoot = false;
  return {
    read() {
      const processes = target.processes();
      const current = new Map(processes.map((process) => [keyOf(process), process]));
      const samples: Sample[] = [];
      const events: { kind: string; subject: string; detail: string }[] = [];
      const readings: Values[] = [];
      const nextLimits = new Map<string, number | null>();
      for (const [key, process] of current) {
        const before = known.get(key);
        if (before?.role !== process.role) {
          const renamed = before === undefined ? '' : `, was ${instanceOf(before)}`;
          const root = process.isRoot ? ', root' : '';
          events.push({
            kind: 'process_start',
            subject: instanceOf(process),
            detail: `pid ${process.pid}, role ${process.role}, start ticks ${process.startTicks}, parent ${process.parentPid}${root}${renamed}`,
          });
        }
        const reading = readProcess(host, process);
        if (reading === null) {
          continue;
        }
        const limit = limits.get(key) ?? parseFdSoftLimit(host.read(`/proc/${process.pid}/limits`) ?? '');
        nextLimits.set(key, limit);
        readings.push(reading);
        for (const [metric, value] of Object.entries({ ...reading, fd_soft_limit: limit })) {
          samples.push({ scope: 'process', instance: instanceOf(process), metric, value });
        }
      }
      for (const [key, process] of known) {
        if (!current.has(key)) {
          events.push({
            kind: 'process_gone',
            subject: instanceOf(process),
            detail: `pid ${process.pid}, role ${process.role}, start ticks ${process.startTicks}${process.isRoot ? ', root' : ''}`,
          });
        }
      }
      const hasRoot = processes.some((process) => process.isRoot);
      if (hadRoot && !hasRoot) {
        events.push({
          kind: 'target_gone',
          subject: target.id,
          detail: 'the root of the tree has ended, and nothing has taken its place',
        });
      }
      hadRoot = hasRoot;
      known = current;
      limits = nextLimits;
      for (const metric of summed) {
        samples.push({ scope: 'tree', instance: 'tree', metric, value: sumOf(readings, metric) });
      }
      samples.push({ scope: 'tree', instance: 'tree', metric: 'processes', value: processes.length });
      return Promise.resolve({ samples, events });
    },
    close: () => Promise.resolve(),
  };
}

export const processMemory: Probe = {
  id: 'process-memory',
  title: 'Memory of every process of the target',
  metrics: [
    { metric: 'rss_anon_bytes', unit: 'bytes', description: 'anonymous resident memory (RssAnon)' },
    { metric: 'rss_file_bytes', unit: 'bytes', description: 'resident pages of files (RssFile)' },
    {
      metric: 'rss_shmem_bytes',
      unit: 'bytes',
      description: 'resident shared memory (RssShmem); a page is counted once per process that maps it',
    },
    { metric: 'rss_bytes', unit: 'bytes', description: 'resident memory (VmRSS)' },
    { metric: 'swap_bytes', unit: 'bytes', description: 'anonymous memory in swap (VmSwap)' },
    { metric: 'hwm_bytes', unit: 'bytes', description: 'highest resident memory of its life (VmHWM), never reset' },
    { metric: 'threads', unit: 'threads', description: 'threads' },
    { metric: 'fds', unit: 'files', description: 'open file descriptors' },
    { metric: 'fd_soft_limit', unit: 'files', description: 'soft limit of open file descriptors' },
    { metric: 'cpu_seconds', unit: 'seconds', description: 'user and system time so far' },
    { metric: 'major_faults', unit: 'faults', description: 'page faults that waited for a disk, so far' },
    { metric: 'uninterruptible', unit: 'flag', description: '1 if the main thread is in uninterruptible sleep' },
    { metric: 'processes', unit: 'processes', description: 'processes of the tree' },
  ],
  open: (target) =>
    Promise.resolve(target.host === null ? { unavailable: target.description } : openOn(target, target.host)),
};
