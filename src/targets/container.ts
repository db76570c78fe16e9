import { BenchError } from '../base/errors.ts';
import { defineFinder, type HostView, type ObservedTarget, type TargetAddress } from '../model/target.ts';
import { type RunCommand, runCommand } from './command/run-command.ts';
import { groupNames } from './container/group-names.ts';
import { type InspectedContainer, inspectContainer } from './container/inspect.ts';
import { findPid } from './pid.ts';
import { findGroupPaths } from './tree/find-process-group.ts';
import { type LocatedGroup, locateGroup } from './tree/locate-group.ts';
import { observedGroup } from './tree/observed-group.ts';

/** What `docker ps` shows of an id. */
const shortIdLength = 12;

/** The one group that is called so, or null; throws USAGE if several are. */
function groupByName(text: string, host: HostView): { group: LocatedGroup; kind: string } | null {
  const names = groupNames(text);
  if (names === null) {
    return null;
  }
  const paths = findGroupPaths(host, names.isWanted);
  const ids = new Set(paths.map((path) => path.split('/').at(-1)));
  if (ids.size > 1) {
    throw new BenchError('USAGE', `"${text}" is the beginning of ${ids.size} containers' ids.`, {
      hint: 'Write more of the id.',
    });
  }
  const [group] = paths.flatMap((path) => locateGroup(host, path) ?? []);
  return group === undefined ? null : { group, kind: names.kind };
}

/** Which manager's container it is must be sure: a daemon elsewhere names pids that are others' here. */
function assertOurs(container: InspectedContainer, name: string, host: HostView): void {
  const { manager, id, pid, state } = container;
  if (pid <= 0) {
    throw new BenchError('TARGET_UNREACHABLE', `The container "${name}" is not running (${state || 'no process'}).`, {
      hint: `See: ${manager} logs ${name}`,
    });
  }
  if (!(host.read(`/proc/${pid}/cgroup`) ?? '').includes(id.slice(0, shortIdLength))) {
    throw new BenchError(
      'TARGET_UNREACHABLE',
      `${manager} says that "${name}" is process ${pid}, which here is no process of that container.`,
      {
        hint: `Run bench on the machine of ${manager}'s daemon and outside containers, or name the server with --pid.`,
      },
    );
  }
}

/** `run` and `nowMs` are arguments for tests. */
export async function findContainer(
  name: string,
  address: TargetAddress,
  host: HostView,
  run: RunCommand = runCommand,
  nowMs: () => number = () => performance.now(),
): Promise<ObservedTarget> {
  // A name that begins with a dash would be an option of the manager.
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    throw new BenchError('USAGE', `--container "${name}" is no name of a container.`, {
      hint: 'See the names with: docker ps',
    });
  }
  const { found, installed } = await inspectContainer(name, run);
  if (found !== null) {
    assertOurs(found, name, host);
  }
  const named = groupByName(found?.id ?? name, host);
  if (named !== null) {
    const by = found === null ? 'found by its cgroup' : found.manager;
    const what = `${named.kind} ${name} (${by})`;
    return observedGroup({ id: 'container', what, group: named.group, nowMs }, address, host);
  }
  if (found !== null) {
    // Its group is not mounted here, so the processes below its first one have to do.
    const target = findPid(found.pid, address, host, nowMs);
    return { ...target, id: 'container', description: `container ${name} (${found.manager}), ${target.description}` };
  }
  const where =
    installed.length === 0
      ? 'No process here has it in its cgroup, and docker, podman, nerdctl and crictl are not installed.'
      : `${installed.join(' and ')} ${installed.length === 1 ? 'does' : 'do'} not know it or cannot be asked.`;
  throw new BenchError('TARGET_UNREACHABLE', `There is no container "${name}". ${where}`, {
    hint: 'At least 12 digits of its id are found without any of them; or name the server with --pid.',
  });
}

export const container = defineFinder({
  id: 'container',
  title: 'All processes of a container, by name or id, or of a pod, by uid',
  find: (observe, address, host) => findContainer(observe.container, address, host),
});
