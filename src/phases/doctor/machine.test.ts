import { describe, expect, it } from 'vitest';
import { type FakeHost, fakeHost } from '../../testing/fake-host.ts';
import { hostRows } from './host.ts';
import { readableRows } from './readable.ts';
import type { DoctorFacts, DoctorRow } from './row.ts';
import { toolRows } from './tools.ts';

const root: DoctorFacts = {
  platform: 'linux',
  isRoot: true,
  path: ['/usr/bin', '/usr/local/bin'],
  hasKoffi: true,
  limit: { how: 'cgroup v2 /sys/fs/cgroup', isOfSum: true },
};
const someone: DoctorFacts = { ...root, isRoot: false };

const common = {
  '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: x\nprocessor\t: 1\n',
  '/proc/loadavg': '0.40 0.30 0.20 1/200 4242\n',
  '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 12000000 kB\nSwapTotal: 2000000 kB\nSwapFree: 2000000 kB\n',
  '/proc/self/limits': 'Max open files            65536                65536                files     \n',
};

function v2Host(release: string = '6.12.1'): FakeHost {
  const host = fakeHost({
    ...common,
    '/proc/sys/kernel/osrelease': `${release}\n`,
    '/proc/self/cgroup': '0::/user.slice\n',
    '/proc/self/mountinfo':
      '1 0 0:1 / /proc rw - proc proc rw\n9 8 0:2 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,memory_recursiveprot\n',
    '/proc/pressure/memory': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
    '/sys/fs/cgroup/user.slice/memory.swap.current': '0\n',
  });
  host.logs.set('/dev/kmsg', '');
  host.fileSystems.set('/dev/shm', { sizeBytes: 8e9, usedBytes: 0 });
  return host;
}

function v1Host(): FakeHost {
  const host = v2Host('5.4.0');
  host.files.set('/proc/self/cgroup', '4:memory:/user\n0::/\n');
  host.files.set(
    '/proc/self/mountinfo',
    '9 8 0:2 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n10 8 0:3 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n',
  );
  return host;
}

/** A container of a runtime that mounts the cgroups read-only and hides the pressure files. */
function container(): FakeHost {
  const host = v2Host();
  host.files.delete('/proc/pressure/memory');
  host.files.set('/proc/self/cgroup', '0::/\n');
  host.files.set('/proc/self/mountinfo', '9 8 0:2 /docker/4f5e /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n');
  host.files.set('/sys/fs/cgroup/memory.swap.current', '0\n');
  host.fileSystems.set('/dev/shm', { sizeBytes: 64 * 1024 ** 2, usedBytes: 0 });
  host.logs.delete('/dev/kmsg');
  host.files.set('/proc/sys/kernel/dmesg_restrict', '1\n');
  return host;
}

const states = (rows: readonly DoctorRow[]): Record<string, string> =>
  Object.fromEntries(rows.map((row) => [row.what, row.state]));
const rowOf = (rows: readonly DoctorRow[], what: string): DoctorRow | undefined =>
  rows.find((row) => row.what === what);

describe('hostRows', () => {
  it('finds nothing wrong with a quiet host', () => {
    const rows = hostRows(v2Host(), root);
    expect(new Set(rows.map((row) => row.state))).toEqual(new Set(['yes']));
    expect(rows.every((row) => row.remedy === null)).toBe(true);
  });

  it('says of a system without /proc only that', () => {
    const rows = hostRows(fakeHost(), { ...root, platform: 'darwin' });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ state: 'no', found: 'darwin, without /proc' });
    expect(rows[0]?.remedy).toContain('--prometheus');
    expect(readableRows(fakeHost(), root)).toEqual([]);
  });

  it.each([
    ['cores', { '/proc/loadavg': '3.10 1 1 1/2 3\n' }, 'partly', 'more load than cores'],
    ['cores', { '/proc/cpuinfo': '' }, 'no', 'unknown is not none'],
    ['memory', { '/proc/meminfo': 'MemTotal: 1000 kB\nMemAvailable: 90 kB\n' }, 'partly', 'less than a tenth left'],
    ['memory', { '/proc/meminfo': 'MemTotal: 1000 kB\n' }, 'no', 'a figure is missing, which is not 0'],
    ['swap', { '/proc/meminfo': 'MemTotal: 1000 kB\n' }, 'no', 'missing is not none'],
    ['open files', { '/proc/self/limits': 'Max open files   1024   4096   files\n' }, 'partly', 'few'],
    ['open files', { '/proc/self/limits': 'Max open files   unlimited   unlimited   files\n' }, 'yes', 'no bound'],
  ])('%s: %j is %s: %s', (what, files, state, _reason) => {
    const host = v2Host();
    for (const [path, text] of Object.entries(files)) {
      host.files.set(path, text);
    }
    expect(rowOf(hostRows(host, root), what)?.state).toBe(state);
  });

  it('warns of the /dev/shm that a container gets unless told otherwise', () => {
    expect(rowOf(hostRows(container(), root), '/dev/shm')).toMatchObject({
      state: 'partly',
      found: '64.0 MiB, used 0 B',
    });
  });

  it.each([
    [{ how: 'RLIMIT_DATA of each process', isOfSum: false }, 'partly'],
    [{ why: 'A memory limit cannot be set here.' }, 'no'],
  ])('says how far %j holds', (limit, state) => {
    expect(rowOf(hostRows(v2Host(), { ...root, limit }), '--memory-limit')?.state).toBe(state);
  });
});

describe('readableRows', () => {
  it.each([
    ['v2, root', v2Host(), root, 'yes yes yes yes yes yes'],
    ['v2, another user', v2Host(), someone, 'partly yes yes partly yes yes'],
    ['v2 before 6.12', v2Host('6.8.0-45-generic'), root, 'yes yes yes partly yes yes'],
    ['v1 without swap accounting', v1Host(), root, 'yes yes yes yes no yes'],
    ['a container', container(), root, 'yes no yes partly yes no'],
  ])('%s', (_host, host, facts, expected) => {
    const rows = readableRows(host, facts);
    expect(rows.map((row) => row.what)).toEqual([
      "others' processes",
      'pressure stalls',
      'cgroup memory',
      'cgroup peaks',
      'swap of a cgroup',
      'kernel log',
    ]);
    expect(Object.values(states(rows)).join(' ')).toBe(expected);
    expect(rows.filter((row) => row.state === 'no' || row.state === 'partly').every((row) => row.remedy !== null)).toBe(
      true,
    );
  });

  it.each([
    [
      "others' processes",
      (host: FakeHost) => {
        host.files.set('/proc/self/mountinfo', '1 0 0:1 / /proc rw - proc proc rw,hidepid=invisible\n');
      },
      'hidepid=0',
    ],
    ['pressure stalls', (host: FakeHost) => host.files.delete('/proc/pressure/memory'), 'psi=1'],
    ['cgroup memory', (host: FakeHost) => host.files.set('/sys/fs/cgroup/cgroup.controllers', 'cpu io\n'), '+memory'],
    [
      'swap of a cgroup',
      (host: FakeHost) => host.files.delete('/sys/fs/cgroup/user.slice/memory.swap.current'),
      'swapaccount=1',
    ],
    [
      'kernel log',
      (host: FakeHost) => {
        host.logs.clear();
        host.files.set('/proc/sys/kernel/dmesg_restrict', '1\n');
      },
      'dmesg_restrict=0',
    ],
  ])('%s: names the remedy', (what, change, remedy) => {
    const host = v2Host();
    change(host);
    const row = rowOf(readableRows(host, someone), what);
    expect(row?.state).toBe('no');
    expect(row?.remedy).toContain(remedy);
  });

  it('does not ask for swap accounting where there is no swap', () => {
    const host = v1Host();
    host.files.set('/proc/meminfo', 'MemTotal: 1000 kB\nSwapTotal: 0 kB\n');
    expect(rowOf(readableRows(host, root), 'swap of a cgroup')?.state).toBe('absent');
  });
});

describe('toolRows', () => {
  it('calls absent what only some ways need', () => {
    expect(states(toolRows(fakeHost(), root))).toEqual({
      GPU: 'absent',
      systemd: 'absent',
      containers: 'absent',
      k6: 'absent',
      go: 'absent',
    });
  });

  it('finds programs in the folders of PATH, in their order', () => {
    const host = fakeHost();
    for (const path of ['/usr/local/bin/k6', '/usr/bin/k6', '/usr/bin/podman', '/usr/bin/systemctl']) {
      host.sizes.set(path, 1);
    }
    host.sizes.set('/run/systemd/system', 40);
    const rows = toolRows(host, root);
    expect(rowOf(rows, 'k6')).toMatchObject({ state: 'yes', found: '/usr/bin/k6' });
    expect(rowOf(rows, 'containers')?.found).toBe('/usr/bin/podman');
    expect(rowOf(rows, 'systemd')?.state).toBe('yes');
  });

  it.each([
    [true, 'yes'],
    [false, 'partly'],
  ])('asks for koffi beside a driver of NVIDIA (there: %s)', (hasKoffi, state) => {
    const host = fakeHost({ '/proc/driver/nvidia/version': 'NVRM version: …\n' });
    expect(rowOf(toolRows(host, { ...root, hasKoffi }), 'GPU')?.state).toBe(state);
  });

  it('knows a card by its vendor', () => {
    const host = fakeHost({ '/sys/class/drm/card1/device/vendor': '0x1002\n' });
    expect(rowOf(toolRows(host, root), 'GPU')?.found).toBe('AMD card');
  });
});
