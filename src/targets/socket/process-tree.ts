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

/** New processes are looked for this often at most, as /proc may list thousands. */
const walkEveryMs = 900;
/** Members are looked at again without any hint: names change, and a process may be moved to another group. */
const wholeEveryMs = 10_000;

export interface ProcessTree {
  /** Looks again from scratch, below these processes. */
  setRoots(roots: readonly number[]): void;
  /**
   * The members, new ones about 1 s after their birth. One that has just ended may be among them for up to 10 s:
   * who must know looks at its stat. A member stays one when its parent dies and init adopts it.
   */
  scan(): readonly ProcessIdentity[];
}

/** What /proc/loadavg ends with: the pid given last, of a process or a thread. null where it cannot be read. */
function lastPidOf(host: HostView): string | null {
  const text = host.read('/proc/loadavg');
  return text === null ? null : text.slice(text.lastIndexOf(' ') + 1);
}

/**
 * Descendants of the roots, united with the processes of the root's own cgroup.
 *
 * The group is one read. Descent takes a walk of /proc, which is left out while no pid was given since the last
 * one: files such as task/TID/children would cost a read per thread, and not every kernel has them.
 */
export function createProcessTree(host: HostView, nowMs: () => number = () => performance.now()): ProcessTree {
  let roots: ReadonlySet<number> = new Set();
  let groupFolder: string | null = null;
  let members: ReadonlyMap<number, ProcessIdentity> = new Map();
  let list: readonly ProcessIdentity[] = [];
  let outsiders: Set<number> = new Set();
  let groupText = '';
  let lastPid: string | null = null;
  let walkedMs = Number.NEGATIVE_INFINITY;
  let wholeMs = Number.NEGATIVE_INFINITY;

  const readStats = (pids: Iterable<number>): Map<number, ProcessStat> => {
    const stats = new Map<number, ProcessStat>();
    for (const pid of pids) {
      const stat = parseProcessStat(host.read(`/proc/${pid}/stat`) ?? '');
      // A zombie holds no memory and answers nobody: it is gone, though its parent has not yet been told.
      if (stat !== null && stat.state !== 'Z' && stat.state !== 'X') {
        stats.set(pid, stat);
      }
    }
    return stats;
  };

  /** Keeps those of `kept`, and asks of all others whether they belong. */
  const look = (kept: Map<number, ProcessIdentity>, pids: Iterable<number>, grouped: ReadonlySet<number>): void => {
    const stats = readStats(pids);
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
        grouped.has(stat.pid) ||
        kept.has(stat.parentPid) ||
        (parent !== undefined && belongs(parent));
      verdicts.set(stat.pid, verdict);
      return verdict;
    };
    for (const stat of stats.values()) {
      if (belongs(stat)) {
        const { pid, startTicks, parentPid, comm: role } = stat;
        kept.set(pid, { pid, startTicks, parentPid, role, isRoot: roots.has(pid) });
      } else {
        outsiders.add(stat.pid);
      }
    }
    members = kept;
    list = [...kept.values()];
  };

  /** All of /proc but those that are known not to belong, and unless `isWhole` the members too. */
  const walk = (isWhole: boolean, grouped: ReadonlySet<number>): void => {
    const stillThere = new Set<number>();
    const kept = new Map<number, ProcessIdentity>();
    const pids: number[] = [];
    for (const name of host.list('/proc')) {
      const pid = Number(name);
      const member = isWhole ? undefined : members.get(pid);
      if (member !== undefined) {
        kept.set(pid, member);
      } else if (outsiders.has(pid) && !grouped.has(pid)) {
        stillThere.add(pid);
      } else if (!Number.isNaN(pid)) {
        pids.push(pid);
      }
    }
    outsiders = stillThere;
    look(kept, pids, grouped);
  };

  /** Descent alone: the group tells by itself who has come. */
  const mayHaveGrown = (now: number): boolean =>
    groupFolder === null && now - walkedMs >= walkEveryMs && lastPidOf(host) !== lastPid;

  return {
    setRoots(pids) {
      roots = new Set(pids);
      const [first] = pids;
      groupFolder = first === undefined ? null : ownGroupFolder(host, cgroupPathsOf(host, first));
      outsiders = new Set();
      wholeMs = Number.NEGATIVE_INFINITY;
    },
    scan() {
      const text = groupFolder === null ? '' : (host.read(`${groupFolder}/cgroup.procs`) ?? '');
      const now = nowMs();
      const isWhole = now - wholeMs >= wholeEveryMs || lastPid === null;
      if (isWhole || mayHaveGrown(now)) {
        // Read first: who is born during the walk is found by the next one.
        lastPid = lastPidOf(host);
        walkedMs = now;
        wholeMs = isWhole ? now : wholeMs;
        walk(isWhole, pidsOf(text));
      } else if (text !== groupText) {
        const grouped = pidsOf(text);
        look(new Map(), new Set([...members.keys(), ...grouped]), grouped);
      }
      groupText = text;
      return list;
    },
  };
}

function pidsOf(procs: string): ReadonlySet<number> {
  return new Set(procs.split('\n').filter(Boolean).map(Number));
}
