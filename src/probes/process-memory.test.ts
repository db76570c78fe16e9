import { describe, expect, it } from 'vitest';
import type { OpenProbe } from '../model/probe.ts';
import type { ProcessIdentity } from '../model/target.ts';
import { addProcess, allowReset, type FakeHost, fakeHost, setRssPages, setStatus } from '../testing/fake-host.ts';
import { opened, targetOn, tickAt, valuesOf } from '../testing/open-probe.ts';
import { processMemory } from './process-memory.ts';

const identity = (pid: number, role: string, isRoot: boolean = false): ProcessIdentity => ({
  pid,
  startTicks: 5000 + pid,
  parentPid: 1,
  role,
  isRoot,
});

const kibibytes = 1024;

interface Rig {
  host: FakeHost;
  probe: OpenProbe;
  set(processes: readonly ProcessIdentity[]): void;
}

async function rig(processes: readonly ProcessIdentity[], host: FakeHost = fakeHost()): Promise<Rig> {
  let current = processes;
  for (const { pid, parentPid, role } of processes) {
    addProcess(host, { pid, parentPid, comm: role });
  }
  const probe = await opened(processMemory, targetOn(host, { processes: () => current }));
  return {
    host,
    probe,
    set(next) {
      current = next;
    },
  };
}

const kindsOf = (events: readonly { kind: string; subject: string }[]): string[] =>
  events.map((event) => `${event.kind} ${event.subject}`);

describe('process-memory', () => {
  it('gives every value of a process and their sums over the tree', async () => {
    const host = fakeHost();
    const { probe } = await rig([identity(100, 'front', true), identity(101, 'worker')], host);
    addProcess(host, { pid: 101, parentPid: 100, comm: 'worker', rssAnonKb: 2000 });
    host.files.set('/proc/101/task/101/stat', (host.files.get('/proc/101/stat') ?? '').replace(' 150 50 ', ' 30 20 '));
    host.files.set('/proc/101/task/102/stat', (host.files.get('/proc/101/stat') ?? '').replace(') S', ') D'));
    host.files.set('/proc/101/io', 'rchar: 777\nwchar: 5\nread_bytes: 0\n');
    const { samples, events } = await probe.read(tickAt(0));
    expect(valuesOf(samples, 'worker#101')).toEqual({
      rss_anon_bytes: 2000 * kibibytes,
      rss_file_bytes: 1536 * kibibytes,
      rss_shmem_bytes: 512 * kibibytes,
      rss_bytes: 4048 * kibibytes,
      swap_bytes: 0,
      hwm_lifetime_bytes: 11_000 * kibibytes,
      locked_bytes: null,
      pinned_bytes: null,
      threads: 7,
      fds: 12,
      fd_soft_limit: 1024,
      cpu_seconds: 2,
      main_thread_cpu_seconds: 0.5,
      major_faults: 3,
      uninterruptible: 1,
      io_read_bytes: 777,
    });
    expect(valuesOf(samples, 'tree')).toMatchObject({
      rss_anon_bytes: 6096 * kibibytes,
      processes: 2,
      fds: 24,
      threads: 14,
      io_read_bytes: 777,
    });
    expect(kindsOf(events)).toEqual([
      'process_start front#100',
      'process_start worker#101',
      'probe_unavailable process-memory',
    ]);
  });

  it('looks at the main thread again only if its process took processor time', async () => {
    const { host, probe } = await rig([identity(100, 'front', true)]);
    const setMainTicks = (ticks: number): void => {
      const stat = host.files.get('/proc/100/stat') ?? '';
      host.files.set('/proc/100/task/100/stat', stat.replace(/ 0 150 \d+ /, ` 0 ${ticks} 0 `));
    };
    const mainSecondsAt = async (tMs: number): Promise<number | null | undefined> =>
      valuesOf((await probe.read(tickAt(tMs))).samples, 'front#100')['main_thread_cpu_seconds'];
    setMainTicks(30);
    expect(await mainSecondsAt(0)).toBe(0.3);
    setMainTicks(40);
    expect(await mainSecondsAt(20_000)).toBe(0.3);
    host.files.set('/proc/100/stat', (host.files.get('/proc/100/stat') ?? '').replace(' 0 150 50 ', ' 0 150 60 '));
    setMainTicks(45);
    expect(await mainSecondsAt(40_000)).toBe(0.45);
  });

  it('gives what stands still again at every tick, under the name that it has by then', async () => {
    const { host, probe } = await rig([identity(100, 'front', true)]);
    const anonAt = async (tMs: number, instance: string): Promise<number | null | undefined> =>
      valuesOf((await probe.read(tickAt(tMs))).samples, instance)['rss_anon_bytes'];
    expect(await anonAt(0, 'front#100')).toBe(4096 * kibibytes);
    expect(await anonAt(100, 'front#100')).toBe(4096 * kibibytes);
    host.files.set('/proc/100/stat', (host.files.get('/proc/100/stat') ?? '').replace('(front)', '(renamed)'));
    expect(await anonAt(200, 'renamed#100')).toBe(4096 * kibibytes);
    setStatus(host, 100, 'RssAnon', 9000);
    setRssPages(host, 100, 4000);
    expect(await anonAt(300, 'renamed#100')).toBe(9000 * kibibytes);
  });

  it('says which process is gone with what it held, and that nobody listens any more', async () => {
    const { host, probe, set } = await rig([identity(100, 'worker', true), identity(101, 'worker')]);
    await probe.read(tickAt(0));
    addProcess(host, { pid: 102, parentPid: 1, comm: 'worker' });
    set([identity(100, 'worker', true), identity(102, 'worker')]);
    const changed = await probe.read(tickAt(1));
    expect(kindsOf(changed.events)).toEqual(['process_start worker#102', 'process_gone worker#101']);
    expect(changed.events[1]?.detail).toBe(
      'pid 101, role worker, start ticks 5101, at last sight anon 4194304 bytes, swap 0 bytes, shmem 524288 bytes, peak 13410304 bytes',
    );
    set([]);
    const dead = await probe.read(tickAt(2));
    expect(dead.events.map((event) => event.kind)).toEqual(['process_gone', 'process_gone', 'target_gone']);
    expect(valuesOf(dead.samples, 'tree')).toMatchObject({ rss_bytes: null, processes: 0 });
    expect((await probe.read(tickAt(3))).events).toEqual([]);
  });

  it.each([
    ['has no files left', (host: FakeHost) => host.removeProcess(101)],
    ['is a zombie', (host: FakeHost) => addProcess(host, { pid: 101, parentPid: 1, comm: 'worker', state: 'Z' })],
    [
      'has given its pid away',
      (host: FakeHost) => addProcess(host, { pid: 101, parentPid: 1, comm: 'x', startTicks: 1 }),
    ],
  ])('takes a listed process for gone, once, if it %s', async (_reason, end) => {
    const { host, probe } = await rig([identity(100, 'front', true), identity(101, 'worker')]);
    await probe.read(tickAt(0));
    end(host);
    const { samples, events } = await probe.read(tickAt(1000));
    expect(kindsOf(events)).toEqual(['process_gone worker#101']);
    expect(valuesOf(samples, 'tree')['processes']).toBe(1);
    expect((await probe.read(tickAt(2000))).events).toEqual([]);
  });

  it('tells a root that was replaced from a worker that took over', async () => {
    const { host, probe, set } = await rig([identity(100, 'front', true), identity(101, 'worker')]);
    await probe.read(tickAt(0));
    set([identity(101, 'worker', true)]);
    expect(kindsOf((await probe.read(tickAt(1000))).events)).toEqual(['process_gone front#100']);
    addProcess(host, { pid: 300, parentPid: 1, comm: 'front' });
    set([identity(101, 'worker', true), identity(300, 'front', true)]);
    const { events } = await probe.read(tickAt(2000));
    expect(kindsOf(events)).toEqual(['process_start front#300', 'restart front#300']);
    expect(events[1]?.detail).toBe('takes the place of front#100, a root that has ended');
  });

  it('follows the name that a process takes, and says which it had', async () => {
    const { host, probe } = await rig([identity(100, 'node', true)]);
    await probe.read(tickAt(0));
    addProcess(host, { pid: 100, parentPid: 1, comm: 'front' });
    const { samples, events } = await probe.read(tickAt(1000));
    expect(events[0]?.detail).toMatch(/role front, .*, root, was node#100$/);
    expect(valuesOf(samples, 'front#100')['rss_bytes']).toBe(6144 * kibibytes);
  });

  it('gives null for the memory of a process that is exiting, and what it held when it is gone', async () => {
    const { host, probe, set } = await rig([identity(100, 'front', true)]);
    await probe.read(tickAt(0));
    host.files.set('/proc/100/status', 'Name:\tfront\nState:\tR (running)\nThreads:\t1\n');
    const { samples } = await probe.read(tickAt(1000));
    expect(valuesOf(samples, 'front#100')).toMatchObject({ rss_bytes: null, rss_anon_bytes: null, threads: 1 });
    set([]);
    expect((await probe.read(tickAt(2000))).events[0]?.detail).toContain('anon 4194304 bytes');
  });

  it('counts the names of fd/ on a kernel that gives the folder no size', async () => {
    const { host, probe } = await rig([identity(100, 'front', true)]);
    addProcess(host, { pid: 100, parentPid: 1, comm: 'front', socketInodes: ['1', '2', '3'] });
    host.sizes.set('/proc/100/fd', 0);
    expect(valuesOf((await probe.read(tickAt(0))).samples, 'front#100')['fds']).toBe(3);
  });

  it('shows a spike between two samples, and keeps the highest of all', async () => {
    const host = fakeHost();
    allowReset(host, 100);
    const { probe } = await rig([identity(100, 'front', true)], host);
    expect(valuesOf((await probe.read(tickAt(0))).samples, 'front#100')['hwm_bytes']).toBeUndefined();
    setStatus(host, 100, 'VmHWM', 9000);
    const spike = valuesOf((await probe.read(tickAt(1000))).samples, 'front#100');
    expect(spike).toMatchObject({ hwm_bytes: 9000 * kibibytes, hwm_lifetime_bytes: 13_096 * kibibytes });
    const after = await probe.read(tickAt(2000));
    expect(valuesOf(after.samples, 'front#100')['hwm_bytes']).toBe(6144 * kibibytes);
    expect(valuesOf(after.samples, 'tree')['hwm_bytes']).toBe(6144 * kibibytes);
  });

  it('gives the mark of the life alone where it may not be reset, and says so once', async () => {
    const { probe } = await rig([identity(100, 'front', true)]);
    const { samples, events } = await probe.read(tickAt(0));
    expect(valuesOf(samples, 'tree')).toMatchObject({ hwm_bytes: null, hwm_lifetime_bytes: 13_096 * kibibytes });
    expect(events.at(-1)?.detail).toBe(
      "no hwm_bytes (/proc/PID/clear_refs) and io_read_bytes (/proc/PID/io) of front#100: refused; run as the server's user or as root",
    );
    expect((await probe.read(tickAt(1000))).events).toEqual([]);
  });

  it('says that /proc hides processes', async () => {
    const host = fakeHost({ '/proc/self/stat': '7 (node) R 1' });
    const { probe } = await rig([], host);
    expect((await probe.read(tickAt(0))).events[0]?.detail).toContain('hidepid');
  });
});

describe('process-memory on a large tree', () => {
  const pids = Array.from({ length: 20 }, (_, index) => 100 + index);
  const processes = pids.map((pid) => identity(pid, 'worker', pid === 100));

  /** Counts the status files that are read. */
  async function countingRig(): Promise<Rig & { statusReads(): number }> {
    const host = fakeHost();
    let reads = 0;
    const { read } = host;
    host.read = (path) => {
      reads += path.endsWith('/status') ? 1 : 0;
      return read(path);
    };
    const made = await rig(processes, host);
    for (const pid of pids) {
      // The first eight hold most.
      setRssPages(host, pid, pid < 108 ? 5000 : 100);
    }
    return {
      ...made,
      statusReads() {
        const count = reads;
        reads = 0;
        return count;
      },
    };
  }

  it('reads the status of the largest and of those that changed, and of all within 10 s', async () => {
    const { host, probe, statusReads } = await countingRig();
    await probe.read(tickAt(0));
    expect(statusReads()).toBe(20);
    await probe.read(tickAt(950));
    expect(statusReads()).toBe(8);
    setRssPages(host, 115, 101);
    setStatus(host, 115, 'RssAnon', 5096);
    const { samples } = await probe.read(tickAt(1900));
    expect(statusReads()).toBe(9);
    expect(valuesOf(samples, 'tree')['rss_anon_bytes']).toBe((20 * 4096 + 1000) * kibibytes);
    for (let tMs = 2900; tMs <= 10_900; tMs += 1000) {
      await probe.read(tickAt(tMs));
    }
    expect(statusReads()).toBe(9 * 8 + 12);
  });

  it('asks the largest once a second at faster ticks, and at once when they change', async () => {
    const { host, probe, statusReads } = await countingRig();
    await probe.read(tickAt(0));
    statusReads();
    for (let tMs = 100; tMs <= 900; tMs += 100) {
      await probe.read(tickAt(tMs));
    }
    expect(statusReads()).toBe(0);
    await probe.read(tickAt(1000));
    expect(statusReads()).toBe(8);
    setRssPages(host, 100, 5001);
    await probe.read(tickAt(1100));
    expect(statusReads()).toBe(1);
  });

  it('gives the memory of each at every tick, read or not', async () => {
    const { probe } = await countingRig();
    await probe.read(tickAt(0));
    const { samples } = await probe.read(tickAt(500));
    const still = valuesOf(samples, 'worker#119');
    expect(Object.keys(still)).toEqual(['rss_anon_bytes', 'rss_shmem_bytes', 'swap_bytes', 'rss_bytes']);
    expect(valuesOf(samples, 'tree')).toMatchObject({ processes: 20, fds: 240, rss_bytes: 20 * 6144 * kibibytes });
  });
});
