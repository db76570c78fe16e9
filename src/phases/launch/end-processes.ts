import { parseProcessStat } from '../../base/procfs.ts';
import type { HostView } from '../../model/target.ts';

const pollMs = 25;
/** After SIGKILL: the kernel takes seconds to free the memory of a large process. */
const killWithinMs = 10_000;

interface Entry {
  pid: number;
  startTicks: number;
  parentPid: number;
  group: number;
}

export interface Launched {
  host: HostView;
  /** First process, and the number of the process group that it leads. */
  leader: number;
  /** null where there is no /proc. */
  leaderStartTicks: number | null;
  /** The cgroup that holds nothing but what was launched; null: there is none. */
  groupFolder: string | null;
}

function parseEntry(text: string | null): Entry | null {
  const stat = parseProcessStat(text ?? '');
  // Zombies are gone, though their parent has not asked.
  if (text === null || stat === null || stat.state === 'Z' || stat.state === 'X') {
    return null;
  }
  // The third field after comm (proc_pid_stat(5)).
  const group = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[2]);
  return { pid: stat.pid, startTicks: stat.startTicks, parentPid: stat.parentPid, group };
}

/** Start time of a living process, or null. */
export function startTicksOf(host: HostView, pid: number): number | null {
  return parseEntry(host.read(`/proc/${pid}/stat`))?.startTicks ?? null;
}

const keyOf = (entry: Entry): string => `${entry.pid}/${entry.startTicks}`;

function signalTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

/** Elsewhere than on Linux the process group is all that can be asked for. */
function groupAlone(leader: number): readonly Entry[] {
  return signalTo(-leader, 0) ? [{ pid: leader, startTicks: 0, parentPid: 0, group: leader }] : [];
}

/**
 * What is alive of a launched command: its process group, its cgroup, and all that descends from these or from
 * what was seen before. A daemon that has left its group, its parent and its cgroup before is not found.
 */
function survivors({ host, leader, leaderStartTicks, groupFolder }: Launched, seen: Set<string>): readonly Entry[] {
  const table = host.list('/proc').flatMap((name) => {
    return /^\d+$/.test(name) ? (parseEntry(host.read(`/proc/${name}/stat`)) ?? []) : [];
  });
  if (table.length === 0) {
    return groupAlone(leader);
  }
  // The kernel gives a number anew only when its group is empty: another leader means that ours is gone.
  const isReused = table.some((entry) => entry.pid === leader && entry.startTicks !== leaderStartTicks);
  const procs = groupFolder === null ? null : host.read(`${groupFolder}/cgroup.procs`);
  const grouped = new Set((procs ?? '').split('\n').map(Number));
  const ours = new Map(
    table
      .filter((entry) => (entry.group === leader && !isReused) || grouped.has(entry.pid) || seen.has(keyOf(entry)))
      .map((entry) => [entry.pid, entry]),
  );
  for (let before = -1; before !== ours.size; ) {
    before = ours.size;
    for (const entry of table) {
      if (ours.has(entry.parentPid)) {
        ours.set(entry.pid, entry);
      }
    }
  }
  const living = [...ours.values()];
  for (const entry of living) {
    seen.add(keyOf(entry));
  }
  return living;
}

/** To the group in one call, so that no child is born in between, then to those outside it. */
function signalAll(leader: number, living: readonly Entry[], signal: NodeJS.Signals): void {
  if (living.some((entry) => entry.group === leader)) {
    signalTo(-leader, signal);
  }
  for (const entry of living) {
    if (entry.group !== leader) {
      signalTo(entry.pid, signal);
    }
  }
}

/** At once and without waiting, for the moment in which this process itself ends. */
export function killProcesses(launched: Launched): void {
  signalAll(launched.leader, survivors(launched, new Set()), 'SIGKILL');
}

/** SIGTERM once, SIGKILL to what is left after `graceMs`; comes back when nothing of it is alive. */
export async function endProcesses(launched: Launched, graceMs: number): Promise<void> {
  const seen = new Set<string>();
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  let living = survivors(launched, seen);
  signalAll(launched.leader, living, 'SIGTERM');
  while (living.length > 0 && elapsedMs() < graceMs + killWithinMs) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    living = survivors(launched, seen);
    if (elapsedMs() >= graceMs) {
      signalAll(launched.leader, living, 'SIGKILL');
    }
  }
}
