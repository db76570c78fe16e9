import { describe, expect, it } from 'vitest';
import { addProcess, type FakeHost, fakeHost } from '../testing/fake-host.ts';
import { findPid } from './pid.ts';

const address = { url: null, healthPath: '/health', readyPath: null, metricsUrl: null, deviceMonitor: null };

function host(): FakeHost {
  const fake = fakeHost({
    '/proc/self/cgroup': '0::/user.slice/session-1.scope\n',
    '/proc/self/mountinfo': '9 8 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    '/sys/fs/cgroup/system.slice/stt.service/cgroup.procs': '100\n101\n200\n',
  });
  const cgroup = '0::/system.slice/stt.service\n';
  addProcess(fake, { pid: 1, parentPid: 0, comm: 'init' });
  addProcess(fake, { pid: 100, parentPid: 1, comm: 'front', cgroup });
  addProcess(fake, { pid: 101, parentPid: 100, comm: 'worker', cgroup });
  addProcess(fake, { pid: 200, parentPid: 1, comm: 'sidecar', cgroup });
  return fake;
}

function find(fake: FakeHost, pid: number): { names(): string[]; later(): void; cgroup: unknown; said: string } {
  let nowMs = 0;
  const target = findPid(pid, address, fake, () => nowMs);
  return {
    names: () =>
      target
        .processes()
        .map((process) => `${process.role}#${process.pid}${process.isRoot ? ' root' : ''}`)
        .sort(),
    later() {
      nowMs += 1000;
    },
    cgroup: target.cgroup,
    said: target.description,
  };
}

describe('pid', () => {
  it('is the process and all below it, without the others of its cgroup', () => {
    const { names, said, cgroup } = find(host(), 100);
    expect(names()).toEqual(['front#100 root', 'worker#101']);
    expect(said).toBe('process 100: front#100, worker#101');
    expect(cgroup).toEqual({ v1Memory: null, v2: '/system.slice/stt.service' });
  });

  it('follows the process through exec', () => {
    const fake = host();
    const { names, later } = find(fake, 100);
    addProcess(fake, { pid: 100, parentPid: 1, comm: 'python3' });
    later();
    expect(names()).toEqual(['python3#100 root', 'worker#101']);
  });

  it('keeps the children of a root that has ended, and has no root any more', () => {
    const fake = host();
    const { names, later } = find(fake, 100);
    fake.removeProcess(100);
    addProcess(fake, { pid: 101, parentPid: 1, comm: 'worker' });
    later();
    expect(names()).toEqual(['worker#101']);
    later();
    expect(names()).toEqual(['worker#101']);
  });

  it('does not follow a stranger that was given the pid, nor what is below it', () => {
    const fake = host();
    const { names, later } = find(fake, 100);
    fake.removeProcess(101);
    addProcess(fake, { pid: 100, parentPid: 1, comm: 'stranger', startTicks: 999_999 });
    addProcess(fake, { pid: 300, parentPid: 100, comm: 'strangers-child' });
    later();
    expect(names()).toEqual([]);
    later();
    expect(names()).toEqual([]);
  });

  it.each([
    [999, 'there is none'],
    [300, 'a zombie holds no memory'],
  ])('throws TARGET_UNREACHABLE for pid %i: %s', (pid) => {
    const fake = host();
    addProcess(fake, { pid: 300, parentPid: 1, comm: 'dead', state: 'Z' });
    expect(() => find(fake, pid)).toThrow(`There is no process ${pid}`);
  });

  it('refuses a process that started the harness too: it would measure itself', () => {
    const fake = host();
    addProcess(fake, { pid: 400, parentPid: 100, comm: 'node' });
    fake.files.set('/proc/self/stat', fake.files.get('/proc/400/stat') ?? '');
    expect(() => find(fake, 100)).toThrow('bench itself runs below process 100');
  });
});
