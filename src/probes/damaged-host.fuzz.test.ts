import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../model/target.ts';
import { v1Files } from '../testing/captured/cgroup-v1-hybrid.ts';
import { podFiles, podPath } from '../testing/captured/cgroup-v2-pod.ts';
import { groupKillRecords, hostKillRecords, podKillRecords, xidRecords } from '../testing/captured/kernel-log.ts';
import { netstatText } from '../testing/captured/netstat.ts';
import { damaged } from '../testing/damaged.ts';
import { addProcess, fakeHost, tcpTable } from '../testing/fake-host.ts';
import { targetOn, tickAt } from '../testing/open-probe.ts';
import { kernelLogPath, logTexts, parseKills } from './cgroup/kernel-kills.ts';
import { probes } from './index.ts';
import { parseFdSoftLimit } from './process/slow-reading.ts';
import { systemVBytes } from './shared-memory.ts';
import { parseNetstat } from './sockets.ts';

const pressure = 'some avg10=1.50 avg60=0.20 avg300=0.00 total=123456\nfull avg10=0.50 avg60=0.1 avg300=0 total=654\n';
const systemV =
  '       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime        rss       swap\n         0          1  1600               4194304    10    11      2  1000  1000  1000  1000 1700000000 1700000000 1700000000    4096    0\n';

/** A host with a pod, a group of v1, a GPU of AMD and a server on port 8000. */
function wholeHost(): ReturnType<typeof fakeHost> {
  const host = fakeHost({
    ...v1Files,
    ...podFiles,
    '/proc/meminfo': 'MemTotal:  16384 kB\nMemAvailable:  9000 kB\nShmem: 5 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
    '/proc/vmstat': 'pswpin 1\npswpout 2\noom_kill 3\n',
    '/proc/sysvipc/shm': systemV,
    '/proc/sys/net/core/somaxconn': '4096\n',
    '/proc/100/net/netstat': netstatText,
    '/proc/100/net/tcp': tcpTable([
      { state: '0A', port: 8000, inode: '7', receiveQueue: 3 },
      { state: '01', port: 8000, inode: '8', receiveQueue: 70, sendQueueBytes: 5 },
    ]),
    '/proc/100/smaps_rollup': '55d5 ---p 00000000 00:00 0 [rollup]\nRss:  900 kB\nPss:  800 kB\nPss_Anon:  700 kB\n',
    '/proc/100/io': 'rchar: 100\nwchar: 5\n',
    '/proc/100/fdinfo/9': 'drm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t7\ndrm-memory-vram:\t12 KiB\n',
    '/proc/pressure/memory': pressure,
    '/proc/pressure/cpu': pressure,
    '/proc/pressure/io': pressure,
    '/sys/class/drm/card0/device/vendor': '0x1002\n',
    '/sys/class/drm/card0/device/uevent': 'DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n',
    '/sys/class/drm/card0/device/mem_info_vram_total': '17163091968\n',
    '/sys/class/drm/card0/device/mem_info_vram_used': '1024\n',
    '/sys/class/drm/card0/device/gpu_busy_percent': '7\n',
    '/sys/class/kfd/kfd/topology/nodes/1/gpu_id': '4242\n',
    '/sys/class/kfd/kfd/topology/nodes/1/properties': 'location_id 768\ndomain 0\n',
    '/sys/class/kfd/kfd/proc/100/vram_4242': '12288\n',
  });
  addProcess(host, { pid: 100, parentPid: 1, comm: 'front', socketInodes: ['7'] });
  addProcess(host, { pid: 101, parentPid: 100, comm: 'hot' });
  host.links.set('/proc/100/fd/9', '/dev/dri/renderD128');
  return host;
}

const whole = wholeHost();
const processes: readonly ProcessIdentity[] = [
  { pid: 100, startTicks: 5100, parentPid: 1, role: 'front', isRoot: true },
  { pid: 101, startTicks: 5101, parentPid: 100, role: 'hot', isRoot: false },
];
const records = [groupKillRecords, hostKillRecords, podKillRecords, xidRecords];

/** Up to five of its files with something else in them. */
const changes = fc.array(
  fc.constantFrom(...whole.files).chain(([path, text]) => damaged(text, '').map((other) => [path, other] as const)),
  { minLength: 1, maxLength: 5 },
);

const notReadings = (values: readonly (number | null)[]): readonly (number | null)[] =>
  values.filter((value) => value !== null && !(Number.isFinite(value) && value >= 0));

// What asks over HTTP has its own tests.
describe.each(probes.filter(({ id }) => !['health-rtt', 'target-metrics'].includes(id)))(
  'the probe $id on a damaged host',
  (probe) => {
    it('reads finite numbers or null, and tells events of one line', async () => {
      await fc.assert(
        fc.asyncProperty(changes, damaged(...records), fc.boolean(), async (files, log, isV1) => {
          const host = wholeHost();
          for (const [path, text] of files) {
            host.files.set(path, text);
          }
          const cgroup = isV1 ? { v1Memory: '/', v2: null } : { v1Memory: null, v2: podPath };
          host.logs.set(kernelLogPath, '');
          const open = await probe.open(targetOn(host, { processes: () => processes, cgroup }));
          if ('unavailable' in open) {
            expect(open.unavailable).not.toBe('');
            return;
          }
          const first = await open.read(tickAt(0));
          host.logs.set(kernelLogPath, log);
          const second = await open.read(tickAt(70_000));
          await open.close();
          const samples = [...first.samples, ...second.samples];
          expect(notReadings(samples.map(({ value }) => value))).toEqual([]);
          const details = [...first.events, ...second.events].map(({ detail }) => detail);
          expect(details.filter((detail) => detail.includes('\n'))).toEqual([]);
        }),
      );
    });
  },
);

describe('texts of the kernel that count', () => {
  it('of the log are kills of a process with a number, or none', () => {
    fc.assert(
      fc.property(damaged(...records, ''), (text) => {
        const numbers = parseKills(logTexts(text)).flatMap(({ pid, anonBytes }) => [pid, anonBytes]);
        expect(notReadings(numbers)).toEqual([]);
      }),
    );
  });

  it('of the network are whole numbers, and one that is missing is not 0', () => {
    fc.assert(
      fc.property(damaged(netstatText, 'TcpExt: a b\nTcpExt: 1  2\n', ''), (text) => {
        expect(notReadings([...parseNetstat(text, 'TcpExt').values()])).toEqual([]);
      }),
    );
    expect([...parseNetstat('TcpExt: a b\nTcpExt:  2\n', 'TcpExt')]).toEqual([['b', 2]]);
  });

  it('of limits and of shared memory are numbers or null', () => {
    const limits =
      'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 20000  files\n';
    fc.assert(
      fc.property(damaged(limits, systemV, ''), (text) => {
        expect(notReadings([parseFdSoftLimit(text), systemVBytes(text)])).toEqual([]);
      }),
    );
  });
});
