import { describe, expect, it } from 'vitest';
import { parseCgroupPaths } from '../base/procfs.ts';
import type { ObservedTarget } from '../model/target.ts';
import { cgroupLayouts, layoutsWithoutMemory } from '../testing/captured/cgroup-layouts.ts';
import { v1Files, v1Folder } from '../testing/captured/cgroup-v1-hybrid.ts';
import { podFiles, podLeafFolder, podPath } from '../testing/captured/cgroup-v2-pod.ts';
import { type FakeHost, fakeHost } from '../testing/fake-host.ts';
import { opened, targetOn, tickAt, valuesOf } from '../testing/open-probe.ts';
import { cgroupMemory } from './cgroup-memory.ts';

const mib = 1024 ** 2;

describe('cgroup-memory', () => {
  it('finds the limit of a pod above an unlimited container, and reads v2', async () => {
    const host = fakeHost(podFiles);
    const probe = await opened(cgroupMemory, targetOn(host, { cgroup: { v1Memory: null, v2: podPath } }));
    expect(valuesOf((await probe.read(tickAt(0))).samples, `v2:${podPath}`)).toEqual({
      usage_bytes: 512 * mib,
      anon_bytes: 300 * mib,
      shmem_bytes: 10 * mib,
      swap_bytes: null,
      high_bytes: null,
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
      {
        kind: 'oom_kill',
        subject: `v2:${podPath}`,
        detail: '2 more, 3 in all; peak 734003200 of 805306368 bytes (91 %)',
      },
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
      swap_bytes: null,
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

  it.each(layoutsWithoutMemory)(
    'is unavailable, with the remedy, where $name',
    async ({ files, processGroups, says }) => {
      const target = targetOn(fakeHost(files), { cgroup: parseCgroupPaths(processGroups) });
      expect(JSON.stringify(await cgroupMemory.open(target))).toMatch(says);
    },
  );
});

describe('the layouts of cgroups', () => {
  it.each(cgroupLayouts)('are read for $name', async ({ files, processGroups, expected, ancestors }) => {
    const target = targetOn(fakeHost(files), { cgroup: parseCgroupPaths(processGroups) });
    const { samples } = await (await opened(cgroupMemory, target)).read(tickAt(0));
    expect(valuesOf(samples, expected.instance)).toMatchObject({
      usage_bytes: expected.usageBytes,
      limit_bytes: expected.limitBytes,
      limit_level: expected.limitLevel,
      swap_bytes: 0,
      oom_kills: 0,
    });
    expect(valuesOf(samples, expected.instance)['non_reclaimable_bytes']).toBeGreaterThan(140 * mib);
    const others = new Set(samples.map(({ instance }) => instance).filter((name) => name !== expected.instance));
    expect([...others]).toEqual(ancestors);
    for (const ancestor of ancestors) {
      expect(Object.keys(valuesOf(samples, ancestor))).toEqual(
        expect.arrayContaining(['usage_bytes', 'own_limit_bytes']),
      );
      expect(valuesOf(samples, ancestor)).not.toHaveProperty('non_reclaimable_bytes');
    }
  });
});

describe('the groups above', () => {
  const pod = podLeafFolder.slice(0, podLeafFolder.lastIndexOf('/'));
  const podInstance = `v2:${podPath.slice(0, podPath.lastIndexOf('/'))}`;
  const target = (host: FakeHost): ObservedTarget => targetOn(host, { cgroup: { v1Memory: null, v2: podPath } });

  it('are read every 5 s, and never under the names of the group itself', async () => {
    const host = fakeHost({ ...podFiles, [`${pod}/memory.current`]: '541065216\n', [`${pod}/memory.high`]: 'max\n' });
    const probe = await opened(cgroupMemory, target(host));
    const seen: unknown[] = [];
    for (const tMs of [0, 1000, 4999, 5000]) {
      seen.push(valuesOf((await probe.read(tickAt(tMs))).samples, podInstance));
    }
    const bounds = { usage_bytes: 516 * mib, own_limit_bytes: 768 * mib, high_bytes: null };
    expect(seen).toEqual([bounds, {}, {}, bounds]);
  });

  it('have their limits read at every tick, and one that is set meanwhile within 5 s', async () => {
    const host = fakeHost(podFiles);
    const probe = await opened(cgroupMemory, target(host));
    const limitAt = async (tMs: number): Promise<unknown> => {
      const { limit_bytes, limit_level } = valuesOf((await probe.read(tickAt(tMs))).samples, `v2:${podPath}`);
      return [limit_bytes, limit_level];
    };
    expect(await limitAt(0)).toEqual([768 * mib, 1]);
    host.files.set(`${pod}/memory.max`, `${640 * mib}\n`);
    expect(await limitAt(1000)).toEqual([640 * mib, 1]);
    host.files.set(`${podLeafFolder}/memory.max`, `${600 * mib}\n`);
    expect(await limitAt(5000)).toEqual([640 * mib, 1]);
    expect(await limitAt(6000)).toEqual([600 * mib, 0]);
  });
});

describe('a target that moves', () => {
  it('is followed into the group of its new container, whose past kills are no news', async () => {
    const host = fakeHost(v1Files);
    const target = { ...targetOn(host), cgroup: { v1Memory: '/bench-x', v2: '/' } };
    const probe = await opened(cgroupMemory, target);
    await probe.read(tickAt(0));
    const [folder, fresh] = [v1Folder, '/sys/fs/cgroup/memory/bench-y'];
    for (const [file, text] of [...host.files].filter(([name]) => name.startsWith(`${folder}/`))) {
      host.files.set(file.replace(folder, fresh), text);
    }
    host.files.set(`${fresh}/memory.oom_control`, 'oom_kill 9\n');
    target.cgroup = { v1Memory: '/bench-y', v2: '/' };
    const { samples, events } = await probe.read(tickAt(1000));
    expect(events).toEqual([]);
    expect(valuesOf(samples, 'v1:/bench-y')).toMatchObject({ usage_bytes: 151 * mib, oom_kills: 9 });
    expect(valuesOf(samples, 'v1:/bench-x')).toEqual({});
  });

  it('is found again under the same path, after one event and samples without a value', async () => {
    const host = fakeHost(v1Files);
    const probe = await opened(cgroupMemory, targetOn(host, { cgroup: { v1Memory: '/bench-x', v2: '/' } }));
    const usage = `${v1Folder}/memory.usage_in_bytes`;
    const seen: unknown[] = [];
    for (const [tick, text] of ['158334976\n', null, null, '4096\n'].entries()) {
      host.files.delete(usage);
      if (text !== null) {
        host.files.set(usage, text);
      }
      const { samples, events } = await probe.read(tickAt(tick * 1000));
      seen.push([valuesOf(samples, 'v1:/bench-x')['usage_bytes'], events.length]);
    }
    expect(seen).toEqual([
      [151 * mib, 0],
      [null, 1],
      [null, 0],
      [4096, 0],
    ]);
  });
});
