import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../model/target.ts';
import { podFiles, podPath } from '../testing/captured/cgroup-v2-pod.ts';
import { addProcess, fakeHost, tcpTable } from '../testing/fake-host.ts';
import { opened, targetOn, tickAt, valuesOf } from '../testing/open-probe.ts';
import { hostMemory } from './host-memory.ts';
import { clientProbes, probes } from './index.ts';
import { processMemory } from './process-memory.ts';
import { parsePressure, psi } from './psi.ts';
import { pss } from './pss.ts';
import { sharedMemory, tmpfsMountPoints } from './shared-memory.ts';
import { sockets } from './sockets.ts';

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

describe('process-memory', () => {
  it('gives every value of a process and their sums over the tree', async () => {
    const host = fakeHost();
    addProcess(host, { pid: 100, parentPid: 1, comm: 'front', rssAnonKb: 1000 });
    addProcess(host, { pid: 101, parentPid: 100, comm: 'worker', rssAnonKb: 2000 });
    const target = targetOn(host, { processes: () => [identity(100, 'front', true), identity(101, 'worker')] });
    const { samples, events } = await (await opened(processMemory, target)).read(tickAt(0));
    expect(valuesOf(samples, 'worker#101')).toEqual({
      rss_anon_bytes: 2000 * 1024,
      rss_file_bytes: 1536 * 1024,
      rss_shmem_bytes: 512 * 1024,
      rss_bytes: 4048 * 1024,
      swap_bytes: 0,
      hwm_bytes: 11_000 * 1024,
      threads: 7,
      fds: 12,
      fd_soft_limit: 1024,
      cpu_seconds: 2,
      major_faults: 3,
      uninterruptible: 0,
    });
    expect(valuesOf(samples, 'tree')).toMatchObject({
      rss_anon_bytes: 3000 * 1024,
      processes: 2,
      fds: 24,
      threads: 14,
    });
    expect(events.map((event) => `${event.kind} ${event.subject}`)).toEqual([
      'process_start front#100',
      'process_start worker#101',
    ]);
  });

  it('says which process is gone, which has come, and that nobody listens any more', async () => {
    const host = fakeHost();
    for (const pid of [100, 101, 102]) {
      addProcess(host, { pid, parentPid: 1, comm: 'worker' });
    }
    let processes = [identity(100, 'worker', true), identity(101, 'worker')];
    const probe = await opened(processMemory, targetOn(host, { processes: () => processes }));
    await probe.read(tickAt(0));
    processes = [identity(100, 'worker', true), identity(102, 'worker')];
    const changed = await probe.read(tickAt(1));
    expect(changed.events.map((event) => `${event.kind} ${event.subject}`)).toEqual([
      'process_start worker#102',
      'process_gone worker#101',
    ]);
    expect(changed.events[1]?.detail).toBe('pid 101, role worker, start ticks 5101');
    processes = [];
    const dead = await probe.read(tickAt(2));
    expect(dead.events.map((event) => event.kind)).toEqual(['process_gone', 'process_gone', 'target_gone']);
    expect(valuesOf(dead.samples, 'tree')).toMatchObject({ rss_bytes: null, processes: 0 });
    expect((await probe.read(tickAt(3))).events).toEqual([]);
  });

  it('does not read a pid that belongs to another process by now', async () => {
    const host = fakeHost();
    addProcess(host, { pid: 100, parentPid: 1, comm: 'stranger', startTicks: 1 });
    const probe = await opened(processMemory, targetOn(host, { processes: () => [identity(100, 'front', true)] }));
    expect((await probe.read(tickAt(0))).samples.filter((sample) => sample.scope === 'process')).toEqual([]);
  });

  it('gives null for the memory of a process that is exiting', async () => {
    const host = fakeHost();
    addProcess(host, { pid: 100, parentPid: 1, comm: 'front' });
    host.files.set('/proc/100/status', 'Name:\tfront\nState:\tR (running)\nThreads:\t1\n');
    const probe = await opened(processMemory, targetOn(host, { processes: () => [identity(100, 'front', true)] }));
    const { samples } = await probe.read(tickAt(0));
    expect(valuesOf(samples, 'front#100')).toMatchObject({ rss_bytes: null, rss_anon_bytes: null, threads: 1 });
  });

  it('counts the names of fd/ on a kernel that gives the folder no size', async () => {
    const host = fakeHost();
    addProcess(host, { pid: 100, parentPid: 1, comm: 'front', socketInodes: ['1', '2', '3'] });
    host.sizes.set('/proc/100/fd', 0);
    const probe = await opened(processMemory, targetOn(host, { processes: () => [identity(100, 'front', true)] }));
    expect(valuesOf((await probe.read(tickAt(0))).samples, 'front#100')['fds']).toBe(3);
  });
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

describe('host-memory, shared-memory, psi', () => {
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

  it('takes /dev/shm and writable tmpfs, not those that are read-only', async () => {
    expect(tmpfsMountPoints(podFiles['/proc/self/mountinfo'] ?? '')).toEqual(['/dev/shm', '/run']);
    const host = fakeHost(podFiles);
    host.fileSystems.set('/dev/shm', { sizeBytes: 4096, usedBytes: 1024 });
    const { samples } = await (await opened(sharedMemory, targetOn(host))).read(tickAt(0));
    expect(valuesOf(samples, '/dev/shm')).toEqual({ tmpfs_used_bytes: 1024, tmpfs_size_bytes: 4096 });
    expect(valuesOf(samples, '/run')).toEqual({ tmpfs_used_bytes: null, tmpfs_size_bytes: null });
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

describe('sockets', () => {
  it("sums the queues of the server's own ends and looks once a second", async () => {
    const host = fakeHost();
    host.files.set(
      '/proc/100/net/tcp',
      tcpTable([
        { state: '0A', port: 8000, inode: '1', receiveQueue: 3 },
        { state: '01', port: 8000, inode: '2', receiveQueue: 1000, sendQueueBytes: 5 },
        { state: '01', port: 8000, inode: '3', receiveQueue: 24 },
        { state: '01', port: 40_000, inode: '4', receiveQueue: 9 },
      ]),
    );
    const probe = await opened(sockets, targetOn(host, { processes: () => [identity(100, 'front', true)] }));
    expect(valuesOf((await probe.read(tickAt(0))).samples, ':8000')).toEqual({
      accept_queue: 3,
      established: 2,
      recv_queue_bytes: 1024,
      send_queue_bytes: 5,
    });
    expect((await probe.read(tickAt(500))).samples).toEqual([]);
    host.files.clear();
    expect(valuesOf((await probe.read(tickAt(1000))).samples, ':8000')['established']).toBeNull();
  });
});
