import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../model/target.ts';
import { v1Files } from '../testing/captured/cgroup-v1-hybrid.ts';
import { groupKillRecords, hostKillRecords, podKillRecords, xidRecords } from '../testing/captured/kernel-log.ts';
import { fakeHost } from '../testing/fake-host.ts';
import { opened, targetOn, tickAt } from '../testing/open-probe.ts';
import { logTexts, parseKills } from './cgroup/kernel-kills.ts';
import { kernelLog } from './kernel-log.ts';

const node: ProcessIdentity = { pid: 101, startTicks: 1, parentPid: 1, role: 'node', isRoot: true };

/** What the probe says of records that come after it was opened. */
async function eventsOf(
  records: string,
  {
    files = {},
    path = '/bench-x',
    role = 'node',
  }: { files?: Record<string, string>; path?: string; role?: string } = {},
): Promise<unknown> {
  const host = fakeHost(files);
  host.logs.set('/dev/kmsg', '');
  const target = targetOn(host, {
    processes: () => [{ ...node, role }],
    cgroup: { v1Memory: path, v2: null },
  });
  const probe = await opened(kernelLog, target);
  expect((await probe.read(tickAt(0))).events).toEqual([]);
  host.logs.set('/dev/kmsg', records);
  const { samples, events } = await probe.read(tickAt(1000));
  expect(samples).toEqual([]);
  expect((await probe.read(tickAt(2000))).events).toEqual([]);
  return events.map(({ kind, subject, detail }) => [kind, subject, detail]);
}

const groupKill = 'kernel log: killed node#101 with 180568064 bytes anonymous at the limit of /bench-x';

describe('kernel-log', () => {
  it.each([
    {
      why: "the target's own group, whose counter cannot be read, lost a process",
      records: groupKillRecords,
      options: {},
      events: [['oom_kill', 'target', groupKill]],
    },
    {
      why: 'the group is not known, but the pid and its name are',
      records: groupKillRecords,
      options: { path: '/' },
      events: [['oom_kill', 'target', groupKill]],
    },
    {
      why: 'the counter of the group is readable, so that cgroup-memory tells it',
      records: groupKillRecords,
      options: { files: { ...v1Files } },
      events: [],
    },
    {
      why: 'the same number is another process in a container',
      records: groupKillRecords,
      options: { path: '/', role: 'front' },
      events: [],
    },
    { why: "a stranger's group lost a process", records: podKillRecords, options: {}, events: [] },
    {
      why: 'the host killed somebody else',
      records: hostKillRecords,
      options: {},
      events: [
        ['oom_kill', 'host', 'kernel log: killed chrome#777 with 5120 bytes anonymous at the memory of the host'],
      ],
    },
    { why: 'nothing of this matters', records: '6,1,1,-;usb 1-1: new device\n', options: {}, events: [] },
  ])('says what it must when $why', async ({ records, options, events }) => {
    expect(await eventsOf(records, options)).toEqual(events);
  });

  it('has one event for each error of a device, however often it is repeated', async () => {
    expect(await eventsOf(xidRecords)).toEqual([
      [
        'device_error',
        'PCI:0000:03:00',
        'Xid 31: pid=4242, name=python3, Ch 00000008, intr 00000000. MMU Fault: ENGINE GRAPHICS (2 times)',
      ],
      ['device_error', 'PCI:0000:81:00', 'Xid 79: GPU has fallen off the bus.'],
    ]);
  });

  it('finds every process of a group that is killed whole, and whose limit it was', () => {
    expect(parseKills(logTexts(podKillRecords)).map(({ pid, name, limitGroup }) => [pid, name, limitGroup])).toEqual([
      [4100, 'python3', '/kubepods.slice/pod.slice'],
      [4101, 'a (b) c', '/kubepods.slice/pod.slice'],
    ]);
  });

  it('reads the words of kernels before 5.0', () => {
    const texts = ['Out of memory: Kill process 12 (node) score 950 or sacrifice child'];
    expect(parseKills(texts)).toEqual([{ pid: 12, name: 'node', limitGroup: null, taskGroup: null, anonBytes: null }]);
  });

  it('survives a log that can no longer be read', async () => {
    const host = fakeHost();
    host.logs.set('/dev/kmsg', '');
    const probe = await opened(kernelLog, targetOn(host));
    host.logs.delete('/dev/kmsg');
    expect(await probe.read(tickAt(0))).toEqual({ samples: [], events: [] });
  });

  it('is unavailable, with what to do, where the log is closed to us', async () => {
    expect(JSON.stringify(await kernelLog.open(targetOn(fakeHost())))).toContain('dmesg_restrict');
  });
});
