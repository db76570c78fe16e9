import { BenchError } from '../base/errors.ts';
import { parseProcessStat } from '../base/procfs.ts';
import { defineFinder, type HostView, type ObservedTarget, type TargetAddress } from '../model/target.ts';
import { cgroupPathsOf } from './socket/process-tree.ts';
import { followTree, startTicksOf } from './tree/follow-tree.ts';
import { nameProcesses } from './tree/name-processes.ts';
import { unobserved } from './tree/unobserved.ts';

/** Who names one process means no other that shares its cgroup, so the tree is not told of any group. */
function withoutGroups(host: HostView): HostView {
  return { ...host, read: (path) => (/^\/proc\/\d+\/cgroup$/.test(path) ? null : host.read(path)) };
}

/** `nowMs` is an argument for tests. */
export function findPid(
  pid: number,
  address: TargetAddress,
  host: HostView,
  nowMs: () => number = () => performance.now(),
): ObservedTarget {
  if (startTicksOf(host, pid) === null) {
    throw new BenchError('TARGET_UNREACHABLE', `There is no process ${pid}, or it may not be seen.`, {
      hint: 'Check the pid; where /proc is mounted with hidepid, run as the user of the server or as root.',
    });
  }
  const processes = followTree(withoutGroups(host), { roots: [pid], rescan: () => null, nowMs });
  const ownPid = parseProcessStat(host.read('/proc/self/stat') ?? '')?.pid;
  if (processes().some((process) => process.pid === ownPid)) {
    throw new BenchError('USAGE', `bench itself runs below process ${pid} and would be measured with it.`, {
      hint: 'Name the process of the server, not the shell or supervisor that started both.',
    });
  }
  const cgroup = cgroupPathsOf(host, pid);
  return {
    ...unobserved('pid', address, `process ${pid}: ${nameProcesses(processes())}`),
    host,
    cgroup,
    processes,
  };
}

export const pid = defineFinder({
  id: 'pid',
  title: 'One process and all below it',
  find: (observe, address, host) => Promise.resolve().then(() => findPid(observe.pid, address, host)),
});
