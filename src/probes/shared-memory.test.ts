import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../model/target.ts';
import { podFiles } from '../testing/captured/cgroup-v2-pod.ts';
import { fakeHost } from '../testing/fake-host.ts';
import { opened, targetOn, tickAt, valuesOf } from '../testing/open-probe.ts';
import { sharedMemory, systemVBytes, tmpfsMountPoints } from './shared-memory.ts';

const rootOf = (pid: number): ProcessIdentity => ({ pid, startTicks: 1, parentPid: 1, role: 'front', isRoot: true });
const mib = 1024 ** 2;

/** Two segments: 64 MiB of which 16 MiB are used, and one of 4 KiB that was swapped out. */
const sysvipc = `       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap
         0          3   600              67108864  4242  4242      2     0     0     0     0 1763752140          0 1763752140              16777216                     0
-559038737          4  1600                  4096  4242  4250      0     0     0     0     0 1763752141 1763752150 1763752140                     0                  4096
`;

const containerMounts = [
  '900 800 0:60 / / rw,relatime - overlay overlay rw,lowerdir=/l',
  '903 902 0:66 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k,inode64',
  '910 900 0:70 / /tmp rw,relatime - tmpfs tmpfs rw,inode64',
  '',
].join('\n');

describe('shared-memory', () => {
  it('takes /dev/shm and writable tmpfs, not those that are read-only', async () => {
    expect(tmpfsMountPoints(podFiles['/proc/self/mountinfo'] ?? '')).toEqual(['/dev/shm', '/run']);
    const host = fakeHost(podFiles);
    host.fileSystems.set('/dev/shm', { sizeBytes: 4096, usedBytes: 1024 });
    const { samples } = await (await opened(sharedMemory, targetOn(host))).read(tickAt(0));
    expect(valuesOf(samples, '/dev/shm')).toEqual({ tmpfs_used_bytes: 1024, tmpfs_size_bytes: 4096 });
    expect(valuesOf(samples, '/run')).toEqual({ tmpfs_used_bytes: null, tmpfs_size_bytes: null });
    expect(valuesOf(samples, 'sysv')).toEqual({ sysv_shm_bytes: null });
  });

  it("looks through a container's own mounts, whose /dev/shm is another one than ours", async () => {
    const host = fakeHost({ ...podFiles, '/proc/100/mountinfo': containerMounts });
    host.links.set('/proc/self/ns/mnt', 'mnt:[1]');
    host.links.set('/proc/100/ns/mnt', 'mnt:[2]');
    host.fileSystems.set('/dev/shm', { sizeBytes: 4096, usedBytes: 1024 });
    host.fileSystems.set('/proc/100/root/dev/shm', { sizeBytes: 64 * mib, usedBytes: 60 * mib });
    const target = targetOn(host, { processes: () => [rootOf(100)] });
    const { samples } = await (await opened(sharedMemory, target)).read(tickAt(0));
    expect(valuesOf(samples, '/dev/shm')).toEqual({ tmpfs_used_bytes: 60 * mib, tmpfs_size_bytes: 64 * mib });
    expect(samples.map((sample) => sample.instance)).not.toContain('/run');
  });

  it('sees our own mounts where those of the target may not be read', async () => {
    const host = fakeHost({ ...podFiles, '/proc/100/mountinfo': containerMounts });
    host.links.set('/proc/self/ns/mnt', 'mnt:[1]');
    host.links.set('/proc/100/ns/mnt', 'mnt:[2]');
    host.fileSystems.set('/dev/shm', { sizeBytes: 4096, usedBytes: 1024 });
    const target = targetOn(host, { processes: () => [rootOf(100)] });
    const { samples } = await (await opened(sharedMemory, target)).read(tickAt(0));
    expect(valuesOf(samples, '/dev/shm')['tmpfs_used_bytes']).toBe(1024);
  });

  it('follows a root that was replaced, and keeps to the old mounts while there is none', async () => {
    const host = fakeHost({ ...podFiles, '/proc/200/mountinfo': containerMounts });
    host.links.set('/proc/self/ns/mnt', 'mnt:[1]');
    host.links.set('/proc/100/ns/mnt', 'mnt:[1]');
    host.links.set('/proc/200/ns/mnt', 'mnt:[2]');
    host.fileSystems.set('/proc/200/root/tmp', { sizeBytes: mib, usedBytes: 7 });
    let processes = [rootOf(100)];
    const probe = await opened(sharedMemory, targetOn(host, { processes: () => processes }));
    let tMs = 0;
    const mountPoints = async (): Promise<readonly string[]> => {
      tMs += 1000;
      return [...new Set((await probe.read(tickAt(tMs))).samples.map((sample) => sample.instance))];
    };
    expect(await mountPoints()).toEqual(['/dev/shm', '/run', 'sysv']);
    processes = [];
    expect(await mountPoints()).toEqual(['/dev/shm', '/run', 'sysv']);
    processes = [rootOf(200)];
    expect(await mountPoints()).toEqual(['/dev/shm', '/tmp', 'sysv']);
  });

  it.each([
    ['what is used and what was swapped out', sysvipc, 16 * mib + 4096],
    ['none', `${sysvipc.split('\n')[0] ?? ''}\n`, 0],
    ['nothing of a kernel that does not tell what is used', '  key shmid perms size\n  0 3 600 4096\n', null],
    ['nothing of a table that cannot be read', null, null],
  ])('counts of System V segments %s', (_why, text, bytes) => {
    expect(systemVBytes(text)).toBe(bytes);
  });

  it("does not show our own segments as those of a container's", async () => {
    const host = fakeHost({ ...podFiles, '/proc/sysvipc/shm': sysvipc });
    host.links.set('/proc/self/ns/ipc', 'ipc:[1]');
    host.links.set('/proc/100/ns/ipc', 'ipc:[1]');
    const probe = await opened(sharedMemory, targetOn(host, { processes: () => [rootOf(100)] }));
    const readAt = async (tMs: number): Promise<unknown> =>
      valuesOf((await probe.read(tickAt(tMs))).samples, 'sysv')['sysv_shm_bytes'];
    expect(await readAt(0)).toBe(16 * mib + 4096);
    host.links.set('/proc/100/ns/ipc', 'ipc:[2]');
    expect(await readAt(5000)).toBeNull();
  });

  it('reads the segments once a second, and file systems at every tick', async () => {
    const host = fakeHost({ ...podFiles, '/proc/sysvipc/shm': sysvipc });
    host.links.set('/proc/self/ns/ipc', 'ipc:[1]');
    host.links.set('/proc/100/ns/ipc', 'ipc:[1]');
    const probe = await opened(sharedMemory, targetOn(host, { processes: () => [rootOf(100)] }));
    const segmentsAt = async (tMs: number): Promise<boolean> =>
      'sysv_shm_bytes' in valuesOf((await probe.read(tickAt(tMs))).samples, 'sysv');
    expect([await segmentsAt(0), await segmentsAt(100), await segmentsAt(980)]).toEqual([true, false, true]);
    const { samples } = await probe.read(tickAt(1080));
    expect(samples.map(({ metric }) => metric)).toContain('tmpfs_used_bytes');
  });

  it('is unavailable where there is nothing to read', async () => {
    expect(await sharedMemory.open(targetOn(fakeHost()))).toHaveProperty('unavailable');
  });
});
