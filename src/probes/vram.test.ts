import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../model/target.ts';
import { addProcess, fakeHost } from '../testing/fake-host.ts';
import { targetOn, tickAt, valuesOf } from '../testing/open-probe.ts';
import type { GpuReading, GpuSource } from './vram/gpu-source.ts';
import { openVram, vram } from './vram.ts';

const identity = (pid: number, role: string): ProcessIdentity => ({
  pid,
  startTicks: 5000 + pid,
  parentPid: 1,
  role,
  isRoot: pid === 100,
});

const reading = (over: Partial<GpuReading> = {}): GpuReading => ({
  instance: 'cuda:GPU-a',
  totalBytes: 1000,
  usedBytes: 600,
  freeBytes: 390,
  reservedBytes: 10,
  utilizationPercent: 50,
  processes: [],
  ...over,
});

/** A source that gives one list of readings after another. */
function playing(rounds: readonly (readonly GpuReading[])[], problems: readonly string[] = []): GpuSource {
  let round = 0;
  return {
    name: 'played',
    tellsHostPids: true,
    open: async () => ({
      read: async () => ({ readings: rounds[Math.min(round++, rounds.length - 1)] ?? [], problems }),
      close: async () => undefined,
    }),
  };
}

const absent = (name: string, why: string): GpuSource => ({ name, tellsHostPids: true, open: async () => why });

function targetWithTwo() {
  const host = fakeHost();
  for (const pid of [100, 101, 300]) {
    addProcess(host, { pid, parentPid: 1, comm: 'python' });
  }
  return targetOn(host, { processes: () => [identity(100, 'front'), identity(101, 'worker')] });
}

async function open(sources: readonly GpuSource[], target = targetWithTwo()) {
  const opened = await openVram(target, sources);
  if ('unavailable' in opened) {
    throw new Error(opened.unavailable);
  }
  return opened;
}

describe('vram', () => {
  it('tells each device and who holds it, and each process with what it holds on all of them', async () => {
    const probe = await open([
      playing([
        [
          reading({
            processes: [
              { pid: 101, bytes: 200 },
              { pid: 300, bytes: 100 },
            ],
          }),
          reading({ instance: 'cuda:GPU-b', usedBytes: 70, processes: [{ pid: 101, bytes: 50 }] }),
        ],
      ]),
    ]);
    const { samples, events } = await probe.read(tickAt(0));
    expect(valuesOf(samples, 'cuda:GPU-a')).toEqual({
      used_bytes: 600,
      total_bytes: 1000,
      free_bytes: 390,
      reserved_bytes: 10,
      utilization_percent: 50,
      tree_bytes: 200,
      others_bytes: 100,
      unattributed_bytes: 300,
    });
    expect(valuesOf(samples, 'cuda:GPU-b')).toMatchObject({ tree_bytes: 50, others_bytes: 0, unattributed_bytes: 20 });
    expect([valuesOf(samples, 'worker#101'), valuesOf(samples, 'front#100'), valuesOf(samples, 'tree')]).toEqual([
      { vram_bytes: 250 },
      {},
      { vram_bytes: 250 },
    ]);
    expect(events).toEqual([]);
    const told = new Set(vram.metrics.map(({ metric }) => metric));
    expect(samples.filter(({ metric }) => !told.has(metric))).toEqual([]);
  });

  it('goes on with a process that has given all back, and has null where nobody knows', async () => {
    const probe = await open([
      playing([
        [reading({ processes: [{ pid: 101, bytes: 200 }] })],
        [reading({ processes: [] })],
        [reading({ processes: null })],
        [reading({ processes: 'unchanged' })],
      ]),
    ]);
    const held: unknown[] = [];
    for (const tMs of [0, 1, 2, 3]) {
      const { samples } = await probe.read(tickAt(tMs));
      const device = valuesOf(samples, 'cuda:GPU-a');
      held.push([device['tree_bytes'], valuesOf(samples, 'worker#101')['vram_bytes'], device['used_bytes']]);
    }
    expect(held).toEqual([
      [200, 200, 600],
      [0, 0, 600],
      [null, null, 600],
      [undefined, undefined, 600],
    ]);
  });

  it('tells a reason once, however long it holds', async () => {
    const probe = await open([playing([[reading({ processes: null })]], ['list: 4 Insufficient Permissions'])]);
    const events = [await probe.read(tickAt(0)), await probe.read(tickAt(1))].map((one) => one.events);
    expect(events).toEqual([
      [{ kind: 'probe_unavailable', subject: 'vram', detail: 'list: 4 Insufficient Permissions' }],
      [],
    ]);
  });

  it('books nothing on the target inside a container whose pids the driver does not tell', async () => {
    const target = targetWithTwo();
    const host = target.host as ReturnType<typeof fakeHost>;
    host.links.set('/proc/self/ns/pid', 'pid:[4026532456]');
    const probe = await open([playing([[reading({ processes: [{ pid: 71_234, bytes: 400 }] })]])], target);
    const { samples, events } = await probe.read(tickAt(0));
    expect(valuesOf(samples, 'cuda:GPU-a')).toMatchObject({
      used_bytes: 600,
      tree_bytes: null,
      others_bytes: 0,
      unattributed_bytes: 600,
    });
    expect(events.map(({ detail }) => detail)).toEqual([
      'the driver tells pids of the host, and none is of a process that this container sees',
    ]);
  });

  it('takes the first source that there is', async () => {
    const probe = await open([absent('NVML', 'no library'), playing([[reading()]]), playing([[]])]);
    expect((await probe.read(tickAt(0))).samples).not.toEqual([]);
  });

  it('is unavailable with the reason of each where there is none', async () => {
    const sources = [absent('NVML', 'cannot open libnvidia-ml.so.1'), absent('nvidia-smi', 'not on PATH')];
    expect(await openVram(targetWithTwo(), sources)).toEqual({
      unavailable: 'NVML: cannot open libnvidia-ml.so.1; nvidia-smi: not on PATH',
    });
  });

  it('never reads a real device for a target whose device is virtual', async () => {
    const target = { ...targetWithTwo(), deviceMonitor: '/nowhere/ledger.sock' };
    expect(await openVram(target, [playing([[reading()]])])).toEqual({
      unavailable: 'the virtual device: connect ENOENT /nowhere/ledger.sock',
    });
  });

  it('is unavailable for a remote target', async () => {
    expect(await vram.open(targetOn(null))).toEqual({ unavailable: 'remote: memory not observed' });
  });
});
