import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../model/target.ts';
import { podFiles, podPath } from '../testing/captured/cgroup-v2-pod.ts';
import { addProcess, fakeHost } from '../testing/fake-host.ts';
import { opened, targetOn, tickAt, valuesOf } from '../testing/open-probe.ts';
import { hostMemory } from './host-memory.ts';
import { clientProbes, probes } from './index.ts';
import { parsePressure, psi } from './psi.ts';
import { pss } from './pss.ts';

const identity = (pid: number, role: string, isRoot: boolean = false): ProcessIdentity => ({
  pid,
  startTicks: 5000 + pid,
  parentPid: 1,
  role,
  isRoot,
});

describe('the list of probes', () => {
  it('agrees with the folder, and file name is id', () => {
    const files = readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts')
      .map((name) => name.slice(0, -3));
    expect([...probes, ...clientProbes].map((probe) => probe.id).sort()).toEqual(files.sort());
  });

  it.each(probes.filter((probe) => !['health-rtt', 'target-metrics'].includes(probe.id)))(
    '$id is unavailable for a remote target, with the reason',
    async (probe) => {
      expect(await probe.open(targetOn(null))).toEqual({ unavailable: 'remote: memory not observed' });
    },
  );
});

describe('pss', () => {
  const host = fakeHost();
  addProcess(host, { pid: 100, parentPid: 1, comm: 'front' });
  addProcess(host, { pid: 101, parentPid: 100, comm: 'huge', rssAnonKb: 5 * 1024 ** 2 });
  for (const pid of [100, 101]) {
    host.files.set(
      `/proc/${pid}/smaps_rollup`,
      '55-7f ---p 0 00:00 0  [rollup]\nRss:  1704 kB\nPss:   336 kB\nPss_Anon: 112 kB\n',
    );
  }

  it('reads only while nothing is in flight, and at most every 5 s', async () => {
    const probe = await opened(pss, targetOn(host, { processes: () => [identity(100, 'front', true)] }));
    const counts: number[] = [];
    for (const tick of [tickAt(0), tickAt(1000, true), tickAt(5900, true), tickAt(6000, true)]) {
      counts.push((await probe.read(tick)).samples.length);
    }
    expect(counts).toEqual([0, 2, 0, 2]);
  });

  it('leaves a process of 4 GiB alone, and then knows no sum', async () => {
    const probe = await opened(
      pss,
      targetOn(host, { processes: () => [identity(100, 'front'), identity(101, 'huge')] }),
    );
    const { samples } = await probe.read(tickAt(0, true));
    expect(samples.map((sample) => [sample.instance, sample.value])).toEqual([
      ['front#100', 336 * 1024],
      ['huge#101', null],
      ['tree', null],
    ]);
  });
});

describe('host-memory, psi', () => {
  it('turns meminfo into bytes and leaves out nothing silently', async () => {
    const host = fakeHost({
      '/proc/meminfo': 'MemTotal: 2 kB\nMemAvailable: 1 kB\nSwapTotal: 0 kB\n',
      '/proc/vmstat': 'pswpin 4\noom_kill 1\n',
    });
    const { samples } = await (await opened(hostMemory, targetOn(host))).read(tickAt(0));
    expect(valuesOf(samples, 'host')).toEqual({
      mem_total_bytes: 2048,
      mem_available_bytes: 1024,
      shmem_bytes: null,
      swap_total_bytes: 0,
      swap_free_bytes: null,
      swap_in_pages: 4,
      swap_out_pages: null,
      oom_kills: 1,
    });
  });

  it('reads both lines of a pressure file, and null for one that an older kernel lacks', () => {
    expect(parsePressure('some avg10=0.27 avg60=0.50 avg300=0.66 total=29783576\n')).toEqual({
      some_total_us: 29_783_576,
      some_avg10_percent: 0.27,
      full_total_us: null,
      full_avg10_percent: null,
    });
  });

  it('gives the pressure of the host and of the target, each under its own name', async () => {
    const host = fakeHost({
      ...podFiles,
      '/proc/pressure/memory':
        'some avg10=1.50 avg60=0.00 avg300=0.00 total=7\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=3\n',
    });
    const probe = await opened(psi, targetOn(host, { cgroup: { v1Memory: null, v2: podPath } }));
    const { samples } = await probe.read(tickAt(0));
    expect(valuesOf(samples, 'host')).toMatchObject({
      psi_memory_some_total_us: 7,
      psi_memory_full_avg10_percent: 0.5,
      psi_io_some_total_us: null,
    });
    expect(valuesOf(samples, `v2:${podPath}`)).toMatchObject({
      psi_memory_full_total_us: 7_654_321,
      psi_io_full_total_us: 4,
    });
  });

  it('says what to do on a kernel without pressure files', async () => {
    expect(JSON.stringify(await psi.open(targetOn(fakeHost())))).toContain('psi=1');
  });
});
