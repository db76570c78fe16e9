import type { HostView, ProcessIdentity } from '../../model/target.ts';
import type { GpuProcess } from './gpu-source.ts';

/** The inode that Linux gives the initial pid namespace (include/linux/proc_ns.h: PROC_PID_INIT_INO). */
const initialNamespace = 'pid:[4026531836]';

export function isInChildNamespace(host: HostView): boolean {
  const namespace = host.link('/proc/self/ns/pid');
  return namespace !== null && namespace !== initialNamespace;
}

/** The pids that a process has inside nested namespaces, from `NSpid:` of its status; the first is our own. */
function innerPids(status: string): number[] {
  const line = /^NSpid:((?:\s+\d+)+)$/m.exec(status)?.[1] ?? '';
  return line.trim().split(/\s+/).slice(1).map(Number);
}

/** The process of the tree that a listed pid is; null = none. */
function joinTo(tree: readonly ProcessIdentity[], host: HostView): (pid: number) => number | null {
  const own = new Set(tree.map(({ pid }) => pid));
  let inner: Map<number, number> | null = null;
  return (listed) => {
    if (own.has(listed)) {
      return listed;
    }
    // A process that we see under this pid is itself, not one of ours that counts from 1 in its container.
    if (host.read(`/proc/${listed}/stat`) !== null) {
      return null;
    }
    inner ??= new Map(
      tree.flatMap(({ pid }) =>
        innerPids(host.read(`/proc/${pid}/status`) ?? '').map((innerPid): [number, number] => [innerPid, pid]),
      ),
    );
    return inner.get(listed) ?? null;
  };
}

/** Who holds a device. A sum that lacks a part is null. */
export interface Attribution {
  /** By pid of the tree. */
  byPid: ReadonlyMap<number, number | null>;
  treeBytes: number | null;
  othersBytes: number | null;
  /** Used, less what is booked on somebody: contexts, the driver itself, processes that nobody lists. */
  unattributedBytes: number | null;
  /** Why the tree's part is null although the driver told a list; null if it is not. */
  why: string | null;
}

const plus = (sum: number | null, bytes: number | null): number | null =>
  sum === null || bytes === null ? null : sum + bytes;

/** `hasStrangePids`: the driver counts pids in another namespace than ours. */
export function attribute(
  { usedBytes, processes }: { usedBytes: number | null; processes: readonly GpuProcess[] },
  tree: readonly ProcessIdentity[],
  host: HostView,
  hasStrangePids: boolean,
): Attribution {
  const join = joinTo(tree, host);
  const byPid = new Map<number, number | null>();
  let othersBytes: number | null = 0;
  let knownBytes = 0;
  for (const { pid, bytes } of processes) {
    const own = join(pid);
    if (own !== null) {
      byPid.set(own, plus(byPid.get(own) ?? 0, bytes));
    } else if (hasStrangePids && host.read(`/proc/${pid}/stat`) === null) {
      // Ours or a neighbour's: nobody can tell.
      continue;
    } else {
      othersBytes = plus(othersBytes, bytes);
    }
    knownBytes += bytes ?? 0;
  }
  const isStrange = hasStrangePids && byPid.size === 0;
  const treeBytes = [...byPid.values()].reduce<number | null>(plus, 0);
  return {
    byPid,
    treeBytes: isStrange ? null : treeBytes,
    othersBytes,
    unattributedBytes: usedBytes === null ? null : Math.max(0, usedBytes - knownBytes),
    why: isStrange
      ? 'the driver tells pids of the host, and none is of a process that this container sees'
      : treeBytes === null
        ? 'the driver does not tell the bytes of a process'
        : null,
  };
}
