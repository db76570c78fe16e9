import { BenchError } from '../../base/errors.ts';
import type { HostView, Observe, ObservedTarget, TargetAddress } from '../../model/target.ts';
import { followGroup } from './follow-group.ts';
import { holdsUs, type LocatedGroup } from './locate-group.ts';
import { nameProcesses } from './name-processes.ts';
import { unobserved } from './unobserved.ts';

export interface GroupTarget {
  id: Observe['by'];
  /** What the user named, for the description and for errors. */
  what: string;
  group: LocatedGroup;
  nowMs(): number;
}

/** The target that is all processes of one group; throws USAGE if the harness is one of them. */
export function observedGroup(
  { id, what, group, nowMs }: GroupTarget,
  address: TargetAddress,
  host: HostView,
): ObservedTarget {
  if (holdsUs(host, group)) {
    throw new BenchError(
      'USAGE',
      `bench itself runs in ${what} (cgroup ${group.path}) and would be measured with it.`,
      {
        hint: 'Start bench elsewhere, or name the server alone with --pid.',
      },
    );
  }
  const processes = followGroup(host, group.folder, nowMs);
  return {
    ...unobserved(id, address, `${what}: ${nameProcesses(processes())}`),
    host,
    cgroup: group.cgroup,
    processes,
  };
}
