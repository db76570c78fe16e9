import { parseProcessStat } from '../../base/procfs.ts';
import type { HostView, ProcessIdentity } from '../../model/target.ts';
import { createProcessTree } from '../socket/process-tree.ts';

/** Workers recycle, and a supervisor may start the server anew. */
const rootsEveryMs = 15_000;
/** Several probes ask within one tick: they get one answer. */
export const sameTickMs = 20;

/** Start time of a living process; null for a zombie and for none: a zombie holds no memory. */
export function startTicksOf(host: HostView, pid: number): number | null {
  const stat = parseProcessStat(host.read(`/proc/${pid}/stat`) ?? '');
  return stat === null || stat.state === 'Z' || stat.state === 'X' ? null : stat.startTicks;
}

export interface FollowOptions {
  roots: readonly number[];
  /** Asked every 15 s and when a root has ended; null: the roots are as before. */
  rescan(hasLostRoot: boolean): readonly number[] | null;
  nowMs(): number;
}

/** The living processes below some roots. A root is known by pid and start time: a reused pid is no root. */
export function followTree(
  host: HostView,
  { roots: first, rescan, nowMs }: FollowOptions,
): () => readonly ProcessIdentity[] {
  const tree = createProcessTree(host, nowMs);
  let roots: ReadonlyMap<number, number> = new Map();
  const setRoots = (pids: readonly number[]): void => {
    roots = new Map(
      pids.flatMap((pid) => {
        const startTicks = startTicksOf(host, pid);
        return startTicks === null ? [] : [[pid, startTicks] as const];
      }),
    );
    tree.setRoots([...roots.keys()]);
  };
  setRoots(first);
  let processes = tree.scan();
  let scannedMs = nowMs();
  let rootsMs = scannedMs;
  return () => {
    const now = nowMs();
    if (now - scannedMs < sameTickMs) {
      return processes;
    }
    scannedMs = now;
    const living = [...roots].filter(([pid, startTicks]) => startTicksOf(host, pid) === startTicks);
    const hasLostRoot = living.length === 0 || living.length < roots.size;
    if (living.length < roots.size) {
      setRoots(living.map(([pid]) => pid));
    }
    processes = tree.scan();
    if (hasLostRoot || now - rootsMs >= rootsEveryMs) {
      rootsMs = now;
      const found = rescan(hasLostRoot);
      if (found !== null) {
        setRoots(found);
        processes = tree.scan();
      }
    }
    return processes;
  };
}
