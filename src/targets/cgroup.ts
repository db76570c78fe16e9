import { BenchError } from '../base/errors.ts';
import { defineFinder, type HostView, type ObservedTarget, type TargetAddress } from '../model/target.ts';
import { type LocatedGroup, locateFolder, locateGroup } from './tree/locate-group.ts';
import { observedGroup } from './tree/observed-group.ts';

const mountPoint = '/sys/fs/cgroup';

/**
 * Takes a folder (/sys/fs/cgroup/system.slice/stt.service), a path below /sys/fs/cgroup (memory/docker/4f5e),
 * a path as /proc/PID/cgroup prints it (/system.slice/stt.service), or a whole line of that file.
 */
function locate(host: HostView, text: string): LocatedGroup | null {
  const line = /^\d+:([^:]*):(\/.*)$/.exec(text);
  if (line?.[2] !== undefined) {
    const controllers = line[1]?.split(',') ?? [];
    const hierarchy = controllers.includes('memory') ? 'v1-memory' : line[1] === '' ? 'v2' : 'v1-systemd';
    return locateGroup(host, line[2], [hierarchy]);
  }
  const path = text === '/' ? text : text.replace(/\/+$/, '');
  return (
    locateFolder(host, path) ??
    locateGroup(host, path.startsWith('/') ? path : `/${path}`) ??
    locateFolder(host, `${mountPoint}/${path.replace(/^\/+/, '')}`)
  );
}

/** `nowMs` is an argument for tests. */
export function findCgroup(
  path: string,
  address: TargetAddress,
  host: HostView,
  nowMs: () => number = () => performance.now(),
): ObservedTarget {
  const group = locate(host, path);
  if (group === null) {
    throw new BenchError('TARGET_UNREACHABLE', `There is no cgroup "${path}" on this machine.`, {
      hint: 'See where the server runs with: cat /proc/PID/cgroup',
    });
  }
  return observedGroup({ id: 'cgroup', what: `cgroup ${group.path}`, group, nowMs }, address, host);
}

export const cgroup = defineFinder({
  id: 'cgroup',
  title: 'All processes of a cgroup and of the groups below it',
  find: ({ path }, address, host) => Promise.resolve().then(() => findCgroup(path, address, host)),
});
