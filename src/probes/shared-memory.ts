import { parseMounts } from '../base/procfs.ts';
import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HostView, ObservedTarget } from '../model/target.ts';

/** A process may leave our IPC namespace at any time, and hardly ever does. */
const namespaceEveryMs = 5000;

/** The whole table is opened, read and closed for one sum; less than a second, so that no early tick skips its turn. */
const segmentsEveryMs = 950;

/** Beside /dev/shm; the first are the ones that a server could fill. */
const otherMounts = 3;

/** /dev/shm, then at most three more tmpfs that can be written to. */
export function tmpfsMountPoints(mountinfo: string): readonly string[] {
  const writable = parseMounts(mountinfo)
    .filter((mount) => mount.type === 'tmpfs' && mount.isWritable && !mount.mountPoint.startsWith('/sys/'))
    .map((mount) => mount.mountPoint);
  const others = [...new Set(writable)].filter((mountPoint) => mountPoint !== '/dev/shm').slice(0, otherMounts);
  return writable.includes('/dev/shm') ? ['/dev/shm', ...others] : others;
}

/**
 * Bytes of all System V segments that are in memory or in swap, from /proc/sysvipc/shm; null if the
 * table cannot be read. The size of a segment is what was asked for, and costs nothing until it is used.
 */
export function systemVBytes(text: string | null): number | null {
  const [heading, ...rows] = (text ?? '').trim().split('\n');
  const names = heading?.trim().split(/\s+/) ?? [];
  const columns = ['rss', 'swap'].map((name) => names.indexOf(name));
  if (columns.includes(-1)) {
    return null;
  }
  const bytes = rows
    .map((row) => row.trim().split(/\s+/))
    .reduce((sum, fields) => sum + columns.reduce((held, column) => held + Number(fields[column]), 0), 0);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : null;
}

/** Where the target's file systems are seen from. */
interface View {
  /** Before each path: empty, or the way through the target's own mounts. */
  prefix: string;
  mountPoints: readonly string[];
}

/** A container has mounts of its own; where they may not be read, what we see ourselves is all there is. */
function viewOf(host: HostView, rootPid: number | null): View {
  const own = { prefix: '', mountPoints: tmpfsMountPoints(host.read('/proc/self/mountinfo') ?? '') };
  const theirs = rootPid === null ? null : host.link(`/proc/${rootPid}/ns/mnt`);
  if (theirs === null || theirs === host.link('/proc/self/ns/mnt')) {
    return own;
  }
  const prefix = `/proc/${rootPid}/root`;
  const mountPoints = tmpfsMountPoints(host.read(`/proc/${rootPid}/mountinfo`) ?? '');
  const isReadable = mountPoints.some((mountPoint) => host.fileSystem(`${prefix}${mountPoint}`) !== null);
  return isReadable ? { prefix, mountPoints } : own;
}

function openOn(target: ObservedTarget, host: HostView): OpenProbe {
  const rootPidNow = (): number | null => target.processes().find((process) => process.isRoot)?.pid ?? null;
  let rootPid = rootPidNow();
  let view = viewOf(host, rootPid);
  const isOurIpcNow = (): boolean =>
    rootPid === null || host.link(`/proc/${rootPid}/ns/ipc`) === host.link('/proc/self/ns/ipc');
  let isOurIpc = false;
  let ipcMs = Number.NEGATIVE_INFINITY;
  let segmentsMs = Number.NEGATIVE_INFINITY;
  return {
    read(tick) {
      const pid = rootPidNow();
      // The mounts outlive a root that has ended for as long as nothing takes its place.
      if (pid !== null && pid !== rootPid) {
        rootPid = pid;
        view = viewOf(host, rootPid);
        ipcMs = Number.NEGATIVE_INFINITY;
      }
      if (tick.tMs - ipcMs >= namespaceEveryMs) {
        ipcMs = tick.tMs;
        isOurIpc = isOurIpcNow();
      }
      const samples = view.mountPoints.flatMap((instance): Sample[] => {
        const found = host.fileSystem(`${view.prefix}${instance}`);
        return [
          { scope: 'host', instance, metric: 'tmpfs_used_bytes', value: found?.usedBytes ?? null },
          { scope: 'host', instance, metric: 'tmpfs_size_bytes', value: found?.sizeBytes ?? null },
        ];
      });
      if (tick.tMs - segmentsMs >= segmentsEveryMs) {
        segmentsMs = tick.tMs;
        // The table is that of the reader's own IPC namespace.
        const bytes = isOurIpc ? systemVBytes(host.read('/proc/sysvipc/shm')) : null;
        samples.push({ scope: 'host', instance: 'sysv', metric: 'sysv_shm_bytes', value: bytes });
      }
      return Promise.resolve({ samples, events: [] });
    },
    close: () => Promise.resolve(),
  };
}

export const sharedMemory: Probe = {
  id: 'shared-memory',
  title: 'Files kept in memory (tmpfs) and System V segments',
  metrics: [
    { metric: 'tmpfs_used_bytes', unit: 'bytes', description: 'memory held by the files of a tmpfs' },
    { metric: 'tmpfs_size_bytes', unit: 'bytes', description: 'how large it may grow' },
    {
      metric: 'sysv_shm_bytes',
      unit: 'bytes',
      description: 'memory and swap held by all System V segments of our IPC namespace',
    },
  ],
  open(target) {
    const { host } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    if (host.read('/proc/self/mountinfo') === null && host.read('/proc/sysvipc/shm') === null) {
      return Promise.resolve({ unavailable: 'neither mounts nor System V segments can be read here' });
    }
    return Promise.resolve(openOn(target, host));
  },
};
