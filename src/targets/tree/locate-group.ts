import { cgroupFolder, type Mount, parseCgroupPaths, parseMounts } from '../../base/procfs.ts';
import type { HostView } from '../../model/target.ts';
import { isGroup } from './follow-group.ts';

type Hierarchy = 'v1-memory' | 'v2' | 'v1-systemd';
const hierarchies: readonly Hierarchy[] = ['v1-memory', 'v2', 'v1-systemd'];

/** A group that is there. */
export interface LocatedGroup {
  /** Whose `cgroup.procs` tells who belongs to it. */
  folder: string;
  /** As /proc/PID/cgroup prints it. */
  path: string;
  /** Where its memory is counted. */
  cgroup: { v1Memory: string | null; v2: string | null };
}

function hierarchyOf(mount: Mount): Hierarchy | null {
  if (mount.type === 'cgroup2') {
    return 'v2';
  }
  if (mount.type !== 'cgroup') {
    return null;
  }
  const { superOptions } = mount;
  return superOptions.includes('memory') ? 'v1-memory' : superOptions.includes('name=systemd') ? 'v1-systemd' : null;
}

function folderOf(mounts: readonly Mount[], hierarchy: Hierarchy, path: string): string | null {
  if (hierarchy !== 'v1-systemd') {
    return cgroupFolder(mounts, hierarchy, path);
  }
  const mount = mounts.findLast((entry) => hierarchyOf(entry) === hierarchy);
  return mount === undefined ? null : `${mount.mountPoint}${path === '/' ? '' : path}`;
}

/** The group at a path that /proc/PID/cgroup prints, in the hierarchies where it is; null if in none. */
export function locateGroup(
  host: HostView,
  path: string,
  among: readonly Hierarchy[] = hierarchies,
): LocatedGroup | null {
  const mounts = parseMounts(host.read('/proc/self/mountinfo') ?? '');
  const found = among.flatMap((hierarchy) => {
    const folder = folderOf(mounts, hierarchy, path);
    return folder !== null && isGroup(host, folder) ? [{ hierarchy, folder }] : [];
  });
  const [first] = found;
  if (first === undefined) {
    return null;
  }
  const pathIn = (wanted: Hierarchy): string | null =>
    found.some(({ hierarchy }) => hierarchy === wanted) ? path : null;
  return { folder: first.folder, path, cgroup: { v1Memory: pathIn('v1-memory'), v2: pathIn('v2') } };
}

/** The group whose folder is named, such as /sys/fs/cgroup/memory/docker/4f5e; null if it is none. */
export function locateFolder(host: HostView, folder: string): LocatedGroup | null {
  const bare = folder.replace(/\/+$/, '');
  const mount = parseMounts(host.read('/proc/self/mountinfo') ?? '')
    .filter(
      (entry) => hierarchyOf(entry) !== null && (bare === entry.mountPoint || bare.startsWith(`${entry.mountPoint}/`)),
    )
    .toSorted((a, b) => a.mountPoint.length - b.mountPoint.length)
    .at(-1);
  const hierarchy = mount === undefined ? null : hierarchyOf(mount);
  if (mount === undefined || hierarchy === null) {
    return null;
  }
  const inside = bare.slice(mount.mountPoint.length);
  const path = `${mount.root === '/' ? '' : mount.root}${inside}` || '/';
  return locateGroup(host, path, [hierarchy]);
}

/** Whether this very process runs in the group or below it: then it would count itself as the target. */
export function holdsUs(host: HostView, group: LocatedGroup): boolean {
  const ours = parseCgroupPaths(host.read('/proc/self/cgroup') ?? '');
  const isWithin = (path: string | null, outer: string | null): boolean =>
    path !== null && outer !== null && (path === outer || path.startsWith(outer === '/' ? '/' : `${outer}/`));
  const { v1Memory, v2 } = group.cgroup;
  return isWithin(ours.v1Memory, v1Memory) || (v1Memory === null && isWithin(ours.v2, v2));
}
