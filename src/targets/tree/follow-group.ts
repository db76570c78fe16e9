import { parseProcessStat } from '../../base/procfs.ts';
import type { HostView, ProcessIdentity } from '../../model/target.ts';
import { sameTickMs } from './follow-tree.ts';

/** Deeper than any manager of containers nests them. */
const deepest = 16;
/**
 * The kernel's own files in a group's folder. Their names start with a controller's name and a dot, which
 * managers keep clear of: https://docs.kernel.org/admin-guide/cgroup-v2.html, "Avoid Name Collisions".
 */
const kernelFile =
  /^(?:(?:cgroup|memory|cpu|cpuset|cpuacct|io|blkio|pids|hugetlb|rdma|misc|dmem|irq|devices|freezer|net_cls|net_prio|perf_event|debug)\.|tasks$|notify_on_release$|release_agent$)/;

function pidsOf(host: HostView, folder: string, depth: number = 0): number[] {
  const text = host.read(`${folder}/cgroup.procs`);
  // A threaded child refuses to be read: its processes stand in the group above it.
  const own = (text ?? '')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
  const children = depth < deepest ? host.list(folder).filter((name) => !kernelFile.test(name)) : [];
  return [...own, ...children.flatMap((name) => pidsOf(host, `${folder}/${name}`, depth + 1))];
}

/** Whether the group is there and its processes may be read. */
export function isGroup(host: HostView, folder: string): boolean {
  return host.read(`${folder}/cgroup.procs`) !== null;
}

/** The living processes of a group and of all groups below it; a root is one whose parent is outside. */
export function groupProcesses(host: HostView, folder: string): readonly ProcessIdentity[] {
  const stats = [...new Set(pidsOf(host, folder))].flatMap((pid) => {
    const stat = parseProcessStat(host.read(`/proc/${pid}/stat`) ?? '');
    return stat === null || stat.state === 'Z' || stat.state === 'X' ? [] : [stat];
  });
  const inside = new Set(stats.map((stat) => stat.pid));
  return stats.map((stat) => ({
    pid: stat.pid,
    startTicks: stat.startTicks,
    parentPid: stat.parentPid,
    role: stat.comm,
    isRoot: !inside.has(stat.parentPid),
  }));
}

/** Asks the group anew at each tick: a server that was started again in it needs no further search. */
export function followGroup(host: HostView, folder: string, nowMs: () => number): () => readonly ProcessIdentity[] {
  let processes = groupProcesses(host, folder);
  let scannedMs = nowMs();
  return () => {
    const now = nowMs();
    if (now - scannedMs >= sameTickMs) {
      scannedMs = now;
      processes = groupProcesses(host, folder);
    }
    return processes;
  };
}
