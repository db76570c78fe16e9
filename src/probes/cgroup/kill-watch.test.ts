import { describe, expect, it } from 'vitest';
import type { OpenProbe } from '../../model/probe.ts';
import type { ProcessIdentity } from '../../model/target.ts';
import { v1Files, v1Folder } from '../../testing/captured/cgroup-v1-hybrid.ts';
import { podFiles } from '../../testing/captured/cgroup-v2-pod.ts';
import { groupKillRecords, podKillRecords } from '../../testing/captured/kernel-log.ts';
import { type FakeHost, fakeHost } from '../../testing/fake-host.ts';
import { opened, targetOn, tickAt, valuesOf } from '../../testing/open-probe.ts';
import { cgroupMemory } from '../cgroup-memory.ts';

const mib = 1024 ** 2;

describe('the evidence of a kill', () => {
  const node: ProcessIdentity = { pid: 101, startTicks: 7, parentPid: 1, role: 'node', isRoot: true };
  const leaf = `v1:/bench-x`;

  interface Staged {
    host: FakeHost;
    living: ProcessIdentity[];
    probe: OpenProbe;
  }

  async function staged(files: Readonly<Record<string, string>> = v1Files, path: string = '/bench-x'): Promise<Staged> {
    const host = fakeHost(files);
    host.logs.set('/dev/kmsg', '');
    const living = [node];
    const isV1 = files === v1Files;
    const cgroup = { v1Memory: isV1 ? path : null, v2: isV1 ? '/' : path };
    const probe = await opened(cgroupMemory, targetOn(host, { processes: () => [...living], cgroup }));
    await probe.read(tickAt(0));
    return { host, living, probe };
  }

  it('is one row: counter, failures, mark, kernel log and who has gone', async () => {
    const { host, living, probe } = await staged();
    host.files.set(`${v1Folder}/memory.oom_control`, 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n');
    host.files.set(`${v1Folder}/memory.failcnt`, '300\n');
    host.logs.set('/dev/kmsg', groupKillRecords);
    living.pop();
    const { events } = await probe.read(tickAt(1000));
    expect(events.map(({ kind, subject }) => [kind, subject])).toEqual([['oom_kill', leaf]]);
    expect(events[0]?.detail.split('; ')).toEqual([
      '1 more, 3 in all',
      'limit of v1:/bench-x reached +175',
      'limit_failures +175',
      'peak 209715200 of 209715200 bytes (100 %)',
      'kernel log: killed node#101 with 180568064 bytes anonymous at the limit of /bench-x',
      'vanished in the same interval: node#101',
    ]);
    expect((await probe.read(tickAt(2000))).events).toEqual([]);
  });

  it.each([
    { why: 'the log comes a tick after the counter', logAt: 2, counterAt: 1 },
    { why: 'the counter comes a tick after the log', logAt: 1, counterAt: 2 },
  ])('is still one row when $why', async ({ logAt, counterAt }) => {
    const { host, probe } = await staged();
    const rows: string[] = [];
    for (const tick of [1, 2, 3]) {
      if (tick === counterAt) {
        host.files.set(`${v1Folder}/memory.oom_control`, 'oom_kill 3\n');
      }
      if (tick === logAt) {
        host.logs.set('/dev/kmsg', groupKillRecords);
      }
      rows.push(...(await probe.read(tickAt(tick * 1000))).events.map((event) => event.detail));
    }
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^1 more, 3 in all/);
  });

  it('tells whose limit it was on v2, and every process of a container that dies whole', async () => {
    const path = '/kubepods.slice/pod.slice/cri-containerd-9b1d4e07.scope';
    const [leafFolder, podFolder] = [`/sys/fs/cgroup${path}`, '/sys/fs/cgroup/kubepods.slice/pod.slice'];
    const { host, probe } = await staged(
      {
        '/proc/self/mountinfo': podFiles['/proc/self/mountinfo'] ?? '',
        [`${leafFolder}/memory.current`]: '1\n',
        [`${leafFolder}/memory.max`]: 'max\n',
        [`${leafFolder}/memory.events`]: 'max 0\noom 0\noom_kill 0\noom_group_kill 0\n',
        [`${podFolder}/memory.max`]: `${mib}\n`,
        [`${podFolder}/memory.events`]: 'max 0\noom 0\noom_kill 0\n',
        [`${podFolder}/memory.events.local`]: 'max 0\noom 0\noom_kill 0\n',
      },
      path,
    );
    host.files.set(`${leafFolder}/memory.events`, 'max 0\noom 0\noom_kill 2\noom_group_kill 1\n');
    host.files.set(`${podFolder}/memory.events.local`, 'max 9\noom 1\noom_kill 0\n');
    host.logs.set('/dev/kmsg', podKillRecords);
    const { events } = await probe.read(tickAt(1000));
    expect(events.map((event) => event.detail.split('; '))).toEqual([
      [
        '2 more, 2 in all',
        'limit of v2:/kubepods.slice/pod.slice (1 level up) reached +1',
        'kernel log: killed python3#4100 with 5120 bytes anonymous at the limit of /kubepods.slice/pod.slice',
        'kernel log: killed a (b) c#4101 with 4096 bytes anonymous at the limit of /kubepods.slice/pod.slice',
      ],
    ]);
  });

  it('is told by the log alone where the group went with its last process', async () => {
    const { host, living, probe } = await staged();
    for (const file of [...host.files.keys()].filter((name) => name.startsWith(v1Folder))) {
      host.files.delete(file);
    }
    host.logs.set('/dev/kmsg', groupKillRecords);
    living.pop();
    const { samples, events } = await probe.read(tickAt(1000));
    expect(valuesOf(samples, leaf)).toMatchObject({ usage_bytes: null, non_reclaimable_bytes: null, oom_kills: null });
    expect(events.map((event) => event.kind)).toEqual(['oom_kill', 'probe_unavailable']);
    expect(events[0]?.detail).toMatch(
      /^1 more by the kernel's log alone; the group has gone; kernel log: killed node#101/,
    );
    expect((await probe.read(tickAt(2000))).events).toEqual([]);
  });

  it('asks the log at once when a process has gone, and else once a second however short the interval', async () => {
    const { host, living, probe } = await staged();
    // Without a counter the log alone tells.
    host.files.delete(`${v1Folder}/memory.oom_control`);
    host.logs.set('/dev/kmsg', groupKillRecords);
    expect((await probe.read(tickAt(100))).events).toEqual([]);
    living.pop();
    expect((await probe.read(tickAt(200))).events).toMatchObject([{ kind: 'oom_kill', subject: leaf }]);
    living.push(node);
    host.logs.set('/dev/kmsg', groupKillRecords);
    expect((await probe.read(tickAt(300))).events).toEqual([]);
    expect((await probe.read(tickAt(1200))).events).toMatchObject([{ kind: 'oom_kill', subject: leaf }]);
  });

  it("has no row for the kill of a stranger's process", async () => {
    const { host, probe } = await staged();
    host.logs.set('/dev/kmsg', podKillRecords);
    expect((await probe.read(tickAt(1000))).events).toEqual([]);
  });
});
