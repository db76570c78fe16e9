import { parseMounts } from '../base/procfs.ts';
import type { Probe, Sample } from '../model/probe.ts';

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

export const sharedMemory: Probe = {
  id: 'shared-memory',
  title: 'Files kept in memory (tmpfs)',
  metrics: [
    { metric: 'tmpfs_used_bytes', unit: 'bytes', description: 'memory held by the files of a tmpfs' },
    { metric: 'tmpfs_size_bytes', unit: 'bytes', description: 'how large it may grow' },
  ],
  open(target) {
    const { host } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    const mountPoints = tmpfsMountPoints(host.read('/proc/self/mountinfo') ?? '');
    if (mountPoints.length === 0) {
      return Promise.resolve({ unavailable: 'no writable tmpfs is mounted' });
    }
    return Promise.resolve({
      read() {
        const samples = mountPoints.flatMap((instance): Sample[] => {
          const found = host.fileSystem(instance);
          return [
            { scope: 'host', instance, metric: 'tmpfs_used_bytes', value: found?.usedBytes ?? null },
            { scope: 'host', instance, metric: 'tmpfs_size_bytes', value: found?.sizeBytes ?? null },
          ];
        });
        return Promise.resolve({ samples, events: [] });
      },
      close: () => Promise.resolve(),
    });
  },
};
