import { cgroupFolder, type ProcessStat, parseCgroupPaths, parseMounts, parseProcessStat } from '../../base/procfs.ts';
import type { HostView, ProcessIdentity } from '../../model/target.ts';

export type CgroupPaths = { v1Memory: string | null; v2: string | null };

export function cgroupPathsOf(host: HostView, process: number | 'self'): CgroupPaths {
  return parseCgroupPaths(host.read(`/proc/${process}/cgroup`) ?? '');
}

/** Groups that hold more than one service by their nature. */
function isSharedByNature(path: string): boolean {
  return path === '/' || /(\.slice|\/session-[^/]+\.scope|\/user@\d+\.service|\/init\.scope)$/.test(path);
}

/** The folder of the group that holds the target alone, or null: then only descent tells who belongs to it. */
function ownGroupFolder(host: HostView, target: CgroupPaths): string | null {
  const ours = cgroupPathsOf(host, 'self');
  const mounts = parseMounts(host.read('/proc/self/mountinfo') ?? '');
  if (target.v1Memory !== null && target.v1Memory !== ours.v1Memory && !isSharedByNature(target.v1Memory)) {
    return cgroupFolder(mounts, 'v1-memory', target.v1Memory);
  }
  if (target.v2 !== null && target.v2 !== ours.v2 && !isSharedByNature(target.v2)) {
    return cgroupFolder(mounts, 'v2', target.v2);
  }
  return null;
}

export interface ProcessTree {
  /** Looks again from scratch, below these processes. */
  setRoots(roots: readonly number[]): void;
  /** The living members. A member stays one when its parent dies and init adopts it. */
  scan(): readonly ProcessIdentity[];
}

/** Descendants of the roots, united with the processes of the root's own cgroup. */
export function createProcessTree(host: HostView): ProcessTree {
  let roots: ReadonlySet<number> = new Set();
  let groupFolder: string | null = null;
  let members = new Map<number, ProcessIdentity>();
  let outsiders = new Set<number>();

  const readStats = (): Map<number, ProcessStat> => {
    const stats = new Map<number, ProcessStat>();
    const stillThere = new Set<number>();
    for (const name of host.list('/proc')) {
      const pid = Number(name);
      if (Number.isNaN(pid)) {
        continue;
      }
      if (outsiders.has(pid)) {
        stillThere.add(pid);
        continue;
      }
      const stat = parseProcessStat(host.read(`/proc/${pid}/stat`) ?? '');
      // A zombie holds no memory and answers nobody: it is gone, though its parent has not yet been told.
      if (stat !== null && stat.state !== 'Z' && stat.state !== 'X') {
        stats.set(pid, stat);
      }
    }
    outsiders = stillThere;
    return stats;
  };

  return {
    setRoots(pids) {
      roots = new Set(pids);
      const [first] = pids;
      groupFolder = first === undefined ? null : ownGroupFolder(host, cgroupPathsOf(host, first));
      outsiders = new Set();
    },
    scan() {
      const grouped = new Set(
        (groupFolder === null ? '' : (host.read(`${groupFolder}/cgroup.procs`) ?? '')).split('\n'),
      );
      const stats = readStats();
      const verdicts = new Map<number, boolean>();
      const belongs = (stat: ProcessStat): boolean => {
        const known = verdicts.get(stat.pid);
        if (known !== undefined) {
          return known;
        }
        // Set first: a parent chain read while processes come and go may hold a loop.
        verdicts.set(stat.pid, false);
        const parent = stats.get(stat.parentPid);
        const verdict =
          roots.has(stat.pid) ||
          members.get(stat.pid)?.startTicks === stat.startTicks ||
          grouped.has(String(stat.pid)) ||
          (parent !== undefined && belongs(parent));
        verdicts.set(stat.pid, verdict);
        return verdict;
      };
      const next = new Map<number, ProcessIdentity>();
      for (const stat of stats.values()) {
        if (belongs(stat)) {
          next.set(stat.pid, {
            pid: stat.pid,
            startTicks: stat.startTicks,
            parentPid: stat.parentPid,
            role: stat.comm,
            isRoot: roots.has(stat.pid),
          });
        } else {
          outsiders.add(stat.pid);
        }
      }
      members = next;
      return [...next.values()];
    },
  };
}
