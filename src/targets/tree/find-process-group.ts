import type { HostView } from '../../model/target.ts';

/** Whether a part of a cgroup's path is the wanted group. */
export type IsWanted = (segment: string) => boolean;

/**
 * The distinct paths of groups, found in what /proc/PID/cgroup prints of every process: it tells also where
 * no manager of services or containers can be asked. Each path ends at the first part that is wanted.
 */
export function findGroupPaths(host: HostView, isWanted: IsWanted): readonly string[] {
  const found = new Set<string>();
  for (const name of host.list('/proc')) {
    if (!/^\d+$/.test(name)) {
      continue;
    }
    for (const line of (host.read(`/proc/${name}/cgroup`) ?? '').split('\n')) {
      const segments = line.replace(/^\d+:[^:]*:/, '').split('/');
      const at = segments.findIndex((segment) => segment !== '' && isWanted(segment));
      if (at >= 0) {
        found.add(segments.slice(0, at + 1).join('/'));
      }
    }
  }
  return [...found].sort();
}
