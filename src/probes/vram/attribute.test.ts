import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../../model/target.ts';
import { addProcess, fakeHost } from '../../testing/fake-host.ts';
import { attribute, isInChildNamespace } from './attribute.ts';
import type { GpuProcess } from './gpu-source.ts';

const identity = (pid: number): ProcessIdentity => ({
  pid,
  startTicks: 5000 + pid,
  parentPid: 1,
  role: 'worker',
  isRoot: false,
});

/** 100 and 101 are ours, 300 is a neighbour; 101 counts itself as 4582 in a container and as 1 in one inside. */
function hostWithContainer() {
  const host = fakeHost();
  for (const pid of [100, 101, 300]) {
    addProcess(host, { pid, parentPid: 1, comm: 'python' });
  }
  host.files.set('/proc/100/status', 'Name:\tpython\nNSpid:\t100\n');
  host.files.set('/proc/101/status', 'Name:\tpython\nNSpid:\t101\t4582\t1\nThreads:\t1\n');
  return host;
}

const tree = [identity(100), identity(101)];
const ask = (processes: GpuProcess[], usedBytes: number | null = 1000, hasStrangePids = false) =>
  attribute({ usedBytes, processes }, tree, hostWithContainer(), hasStrangePids);

describe('attribute', () => {
  it.each<[string, GpuProcess[], [number | null, number | null, number | null]]>([
    ['nobody is listed', [], [0, 0, 1000]],
    [
      'two of ours',
      [
        { pid: 100, bytes: 300 },
        { pid: 101, bytes: 200 },
      ],
      [500, 0, 500],
    ],
    [
      'one of ours and a neighbour',
      [
        { pid: 100, bytes: 300 },
        { pid: 300, bytes: 400 },
      ],
      [300, 400, 300],
    ],
    ['ours by the pid of its container', [{ pid: 4582, bytes: 300 }], [300, 0, 700]],
    ['ours by the innermost pid', [{ pid: 1, bytes: 300 }], [300, 0, 700]],
    ['one that has ended since', [{ pid: 999, bytes: 300 }], [0, 300, 700]],
    [
      'the bytes of ours are hidden',
      [
        { pid: 100, bytes: null },
        { pid: 101, bytes: 200 },
      ],
      [null, 0, 800],
    ],
    [
      'the bytes of a neighbour are hidden',
      [
        { pid: 300, bytes: null },
        { pid: 101, bytes: 200 },
      ],
      [200, null, 800],
    ],
    ['the list is newer than the total', [{ pid: 100, bytes: 1200 }], [1200, 0, 0]],
  ])('books tree, others and the rest when %s', (_why, processes, [treeBytes, othersBytes, unattributedBytes]) => {
    expect(ask(processes)).toMatchObject({ treeBytes, othersBytes, unattributedBytes });
  });

  it('never takes a process that is seen for one of ours that counts the same inside', () => {
    const host = hostWithContainer();
    addProcess(host, { pid: 4582, parentPid: 1, comm: 'stranger' });
    const held = attribute({ usedBytes: 1000, processes: [{ pid: 4582, bytes: 300 }] }, tree, host, false);
    expect(held).toMatchObject({ treeBytes: 0, othersBytes: 300 });
  });

  it('has no rest where the device tells no total', () => {
    expect(ask([{ pid: 100, bytes: 300 }], null)).toMatchObject({ treeBytes: 300, unattributedBytes: null });
  });

  it.each<[string, GpuProcess[], object]>([
    ['a list is empty', [], { treeBytes: null, othersBytes: 0, unattributedBytes: 1000 }],
    ['nobody of it is seen', [{ pid: 777, bytes: 400 }], { treeBytes: null, othersBytes: 0, unattributedBytes: 1000 }],
    ['one of ours is found', [{ pid: 100, bytes: 400 }], { treeBytes: 400, unattributedBytes: 600, why: null }],
  ])("inside a container, where pids are the host's, is honest when %s", (_why, processes, expected) => {
    expect(ask(processes, 1000, true)).toMatchObject(expected);
  });

  it('says why the tree has no figure', () => {
    expect([ask([], 0, true).why, ask([{ pid: 100, bytes: null }]).why, ask([]).why]).toEqual([
      'the driver tells pids of the host, and none is of a process that this container sees',
      'the driver does not tell the bytes of a process',
      null,
    ]);
  });
});

describe('isInChildNamespace', () => {
  it.each([
    ['pid:[4026531836]', false, 'the initial one'],
    ['pid:[4026532456]', true, 'a container'],
    [null, false, 'it cannot be read'],
  ])('of %s is %s (%s)', (link, expected, _why) => {
    const host = fakeHost();
    if (link !== null) {
      host.links.set('/proc/self/ns/pid', link);
    }
    expect(isInChildNamespace(host)).toBe(expected);
  });
});
