import { describe, expect, it } from 'vitest';
import { addProcess, type FakeHost, fakeHost } from '../../testing/fake-host.ts';
import { createProcessTree, type ProcessTree } from './process-tree.ts';

interface Rig {
  host: FakeHost;
  tree: ProcessTree;
  /** Pids at a time, and how often /proc was listed for them. */
  scanAt(tMs: number): { pids: number[]; walks: number };
}

function rig(host: FakeHost): Rig {
  let now = 0;
  let walks = 0;
  const { list } = host;
  host.list = (path) => {
    walks += path === '/proc' ? 1 : 0;
    return list(path);
  };
  addProcess(host, { pid: 100, parentPid: 1, comm: 'front', cgroup: '0::/stt.service\n' });
  addProcess(host, { pid: 50, parentPid: 1, comm: 'other' });
  const tree = createProcessTree(host, () => now);
  tree.setRoots([100]);
  return {
    host,
    tree,
    scanAt(tMs) {
      now = tMs;
      walks = 0;
      return { pids: tree.scan().map(({ pid }) => pid), walks };
    },
  };
}

const loadavg = (lastPid: number): string => `0.06 0.57 1.16 1/98 ${lastPid}\n`;

describe('a process tree', () => {
  it('lists /proc again only if a pid was given since, and not twice within a second', () => {
    const { host, scanAt } = rig(fakeHost({ '/proc/loadavg': loadavg(100) }));
    expect(scanAt(0)).toEqual({ pids: [100], walks: 1 });
    expect(scanAt(1000).walks).toBe(0);
    addProcess(host, { pid: 101, parentPid: 100, comm: 'worker' });
    host.files.set('/proc/loadavg', loadavg(101));
    expect(scanAt(2000)).toEqual({ pids: [100, 101], walks: 1 });
    addProcess(host, { pid: 102, parentPid: 101, comm: 'helper' });
    host.files.set('/proc/loadavg', loadavg(102));
    expect(scanAt(2500)).toEqual({ pids: [100, 101], walks: 0 });
    expect(scanAt(3000).pids).toEqual([100, 101, 102]);
  });

  it('looks at every member again after ten seconds, so a new name is seen', () => {
    const { host, tree, scanAt } = rig(fakeHost({ '/proc/loadavg': loadavg(100) }));
    scanAt(0);
    addProcess(host, { pid: 100, parentPid: 1, comm: 'renamed' });
    scanAt(4000);
    expect(tree.scan()[0]?.role).toBe('front');
    scanAt(10_000);
    expect(tree.scan()[0]?.role).toBe('renamed');
  });

  it("asks the target's own group alone who has come", () => {
    const host = fakeHost({
      '/proc/loadavg': loadavg(100),
      '/proc/self/mountinfo': '9 8 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
      '/sys/fs/cgroup/stt.service/cgroup.procs': '100\n',
    });
    const { scanAt } = rig(host);
    scanAt(0);
    host.files.set('/sys/fs/cgroup/stt.service/cgroup.procs', '100\n50\n');
    host.files.set('/proc/loadavg', loadavg(101));
    expect(scanAt(100)).toEqual({ pids: [100, 50], walks: 0 });
    host.files.set('/sys/fs/cgroup/stt.service/cgroup.procs', '100\n');
    expect(scanAt(2000).walks).toBe(0);
  });

  it('lists /proc each time where nothing tells whether a pid was given', () => {
    const { scanAt } = rig(fakeHost());
    expect([scanAt(0).walks, scanAt(100).walks]).toEqual([1, 1]);
  });
});
