import { cgroupFolder, type Mount, parseCgroupPaths, parseMounts } from '../../base/procfs.ts';
import type { HostView, ObservedTarget } from '../../model/target.ts';
import { type CgroupFiles, foldersUpwards, v1Files, v2Files } from './readings.ts';

export interface Group {
  instance: string;
  /** From the leaf upwards, as instances: `v2:/a/b`, `v2:/a`, `v2:/`. */
  instances: readonly string[];
  path: string;
  files: CgroupFiles;
  /** Others are charged to it as well, ourselves among them. */
  isOurs: boolean;
}

interface Place {
  folder: string;
  root: string;
}

/** null where the path lies outside what is mounted here. */
function placeOf(mounts: readonly Mount[], version: 'v1-memory' | 'v2', path: string | null): Place | null {
  const root = cgroupFolder(mounts, version, '/');
  // A group outside of our cgroup namespace is written with leading `..`, and has no folder here.
  const folder = path === null || path.includes('/..') ? null : cgroupFolder(mounts, version, path);
  return folder === null || root === null ? null : { folder, root };
}

function instancesUpwards(version: 'v1' | 'v2', path: string, count: number): readonly string[] {
  const names = path.split('/').filter((name) => name !== '');
  return Array.from(
    { length: count },
    (_, level) => `${version}:/${names.slice(0, Math.max(0, names.length - level)).join('/')}`,
  );
}

/** The v1 group if memory is controlled there, else the v2 group; else why there is none, and what to do. */
export function findGroup(target: ObservedTarget, host: HostView): Group | { unavailable: string } {
  const mounts = parseMounts(host.read('/proc/self/mountinfo') ?? '');
  const ours = parseCgroupPaths(host.read('/proc/self/cgroup') ?? '');
  const { v1Memory, v2 } = target.cgroup;
  const groupAt = (version: 'v1' | 'v2', path: string | null, place: Place, files: typeof v1Files): Group => {
    const folders = foldersUpwards(place.folder, place.root);
    return {
      instance: `${version}:${path ?? '/'}`,
      instances: instancesUpwards(version, path ?? '/', folders.length),
      path: path ?? '/',
      files: files(host, folders),
      isOurs: path === (version === 'v1' ? ours.v1Memory : ours.v2),
    };
  };
  const v1Place = placeOf(mounts, 'v1-memory', v1Memory);
  if (v1Place !== null && host.read(`${v1Place.folder}/memory.usage_in_bytes`) !== null) {
    return groupAt('v1', v1Memory, v1Place, v1Files);
  }
  const v2Place = placeOf(mounts, 'v2', v2);
  if (v2Place !== null && host.read(`${v2Place.folder}/memory.current`) !== null) {
    return groupAt('v2', v2, v2Place, v2Files);
  }
  return { unavailable: whyNone(host, v1Memory ?? v2, v2Place) };
}

function whyNone(host: HostView, path: string | null, v2Place: Place | null): string {
  if (path === null) {
    return 'the target is in no cgroup that is visible here';
  }
  if (path.includes('/..')) {
    return `the target's cgroup ${path} lies outside of our cgroup namespace; run on the host itself`;
  }
  if (v2Place === null) {
    return `no cgroup file system with the target's group ${path} is mounted here`;
  }
  if (path === '/') {
    return 'the target is in the root cgroup, which has no memory of its own; start it in a container or with systemd-run --scope';
  }
  const words = (file: string): readonly string[] => (host.read(file) ?? '').split(/\s+/);
  if (!words(`${v2Place.root}/cgroup.controllers`).includes('memory')) {
    return 'the cgroup v2 tree has no memory controller; the kernel may need cgroup_enable=memory on its command line';
  }
  return `no memory controller in the target's group ${path}; set MemoryAccounting=yes for its unit, or write +memory to cgroup.subtree_control of its parent`;
}
