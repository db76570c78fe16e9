import { describe, expect, it } from 'vitest';
import { v1Files, v1Folder } from '../testing/captured/cgroup-v1-hybrid.ts';
import { podFiles, podLeafFolder, podPath } from '../testing/captured/cgroup-v2-pod.ts';
import { fakeHost } from '../testing/fake-host.ts';
import { opened, targetOn, tickAt, valuesOf } from '../testing/open-probe.ts';
import { cgroupMemory } from './cgroup-memory.ts';

describe('cgroup-memory', () => {
  const mib = 1024 ** 2;

  it('finds the limit of a pod above an unlimited container, and reads v2', async () => {
    const host = fakeHost(podFiles);
    const probe = await opened(cgroupMemory, targetOn(host, { cgroup: { v1Memory: null, v2: podPath } }));
    expect(valuesOf((await probe.read(tickAt(0))).samples, `v2:${podPath}`)).toEqual({
      usage_bytes: 512 * mib,
      anon_bytes: 300 * mib,
      shmem_bytes: 10 * mib,
      non_reclaimable_bytes: (300 + 10 + 5 + 3 + 4 + 2) * mib,
      limit_bytes: 768 * mib,
      limit_level: 1,
      limit_failures: 42,
      oom_kills: 1,
      peak_lifetime_bytes: 700 * mib,
    });
  });

  it('gives the peak since the last sample where the kernel lets it be reset', async () => {
    const host = fakeHost(podFiles);
    const peakFile = `${podLeafFolder}/memory.peak`;
    host.resets.set(peakFile, (files) => {
      files.set(peakFile, files.get(`${podLeafFolder}/memory.current`) ?? '');
    });
    const probe = await opened(cgroupMemory, targetOn(host, { cgroup: { v1Memory: null, v2: podPath } }));
    const first = valuesOf((await probe.read(tickAt(0))).samples, `v2:${podPath}`);
    expect([first['peak_bytes'], first['peak_lifetime_bytes']]).toEqual([512 * mib, 700 * mib]);
    host.files.set(peakFile, `${600 * mib}\n`);
    const second = valuesOf((await probe.read(tickAt(1))).samples, `v2:${podPath}`);
    expect([second['peak_bytes'], second['peak_lifetime_bytes']]).toEqual([600 * mib, undefined]);
    expect(valuesOf((await probe.read(tickAt(2))).samples, `v2:${podPath}`)['peak_bytes']).toBe(512 * mib);
  });

  it('reports an OOM kill when the counter rises and not for those of the past', async () => {
    const host = fakeHost(podFiles);
    const probe = await opened(cgroupMemory, targetOn(host, { cgroup: { v1Memory: null, v2: podPath } }));
    expect((await probe.read(tickAt(0))).events).toEqual([]);
    host.files.set(`${podLeafFolder}/memory.events`, 'max 9\noom 3\noom_kill 3\n');
    expect((await probe.read(tickAt(1))).events).toEqual([
      { kind: 'oom_kill', subject: `v2:${podPath}`, detail: '2 more, 3 in all' },
    ]);
    expect((await probe.read(tickAt(2))).events).toEqual([]);
  });

  it('reads v1 on a hybrid host', async () => {
    const probe = await opened(
      cgroupMemory,
      targetOn(fakeHost(v1Files), { cgroup: { v1Memory: '/bench-x', v2: '/' } }),
    );
    expect(valuesOf((await probe.read(tickAt(0))).samples, 'v1:/bench-x')).toEqual({
      usage_bytes: 151 * mib,
      anon_bytes: 145 * mib,
      shmem_bytes: 2 * mib,
      non_reclaimable_bytes: 148 * mib,
      limit_bytes: 200 * mib,
      limit_level: 0,
      limit_failures: 125,
      oom_kills: 2,
      peak_lifetime_bytes: 200 * mib,
    });
  });

  it('takes the hierarchical limit of v1 for one level above what can be seen', async () => {
    const host = fakeHost(v1Files);
    host.files.set(`${v1Folder}/memory.limit_in_bytes`, '9223372036854771712\n');
    const probe = await opened(cgroupMemory, targetOn(host, { cgroup: { v1Memory: '/bench-x', v2: '/' } }));
    expect(valuesOf((await probe.read(tickAt(0))).samples, 'v1:/bench-x')).toMatchObject({
      limit_bytes: 200 * mib,
      limit_level: 2,
    });
  });

  it('leaves the mark of a group alone that the harness shares', async () => {
    const host = fakeHost({ ...v1Files, '/proc/self/cgroup': '4:memory:/bench-x\n0::/\n' });
    host.resets.set(`${v1Folder}/memory.max_usage_in_bytes`, () => {
      throw new Error('reset');
    });
    const probe = await opened(cgroupMemory, targetOn(host, { cgroup: { v1Memory: '/bench-x', v2: '/' } }));
    expect(valuesOf((await probe.read(tickAt(0))).samples, 'v1:/bench-x')['peak_lifetime_bytes']).toBe(200 * mib);
  });

  it('has null for no limit and for files that cannot be read, never 0', async () => {
    const host = fakeHost(podFiles);
    for (const path of host.files.keys()) {
      if (path.endsWith('memory.max') || path.endsWith('memory.stat') || path.endsWith('memory.events')) {
        host.files.delete(path);
      }
    }
    const probe = await opened(cgroupMemory, targetOn(host, { cgroup: { v1Memory: null, v2: podPath } }));
    expect(valuesOf((await probe.read(tickAt(0))).samples, `v2:${podPath}`)).toMatchObject({
      limit_bytes: null,
      limit_level: null,
      anon_bytes: null,
      non_reclaimable_bytes: null,
      oom_kills: null,
    });
  });

  it('is unavailable where no group controls memory', async () => {
    expect(await cgroupMemory.open(targetOn(fakeHost(), { cgroup: { v1Memory: null, v2: '/' } }))).toHaveProperty(
      'unavailable',
    );
  });
});
