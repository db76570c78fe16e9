import { describe, expect, it } from 'vitest';
import type { ObservedTarget } from '../model/target.ts';
import { addProcess, type FakeHost, fakeHost } from '../testing/fake-host.ts';
import { findCgroup } from './cgroup.ts';

const address = { url: null, healthPath: '/health', readyPath: null, metricsUrl: null, deviceMonitor: null };

function addServer(host: FakeHost): void {
  addProcess(host, { pid: 1, parentPid: 0, comm: 'init' });
  addProcess(host, { pid: 100, parentPid: 1, comm: 'front' });
  addProcess(host, { pid: 101, parentPid: 100, comm: 'worker' });
  addProcess(host, { pid: 200, parentPid: 1, comm: 'other' });
}

function v2Host(): FakeHost {
  const host = fakeHost({
    '/proc/self/cgroup': '0::/user.slice/session-1.scope\n',
    '/proc/self/mountinfo': '9 8 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    '/sys/fs/cgroup/system.slice/stt.service/cgroup.procs': '100\n',
    '/sys/fs/cgroup/system.slice/stt.service/memory.current': '1\n',
    '/sys/fs/cgroup/system.slice/stt.service/pool/cgroup.procs': '101\n',
    '/sys/fs/cgroup/user.slice/session-1.scope/cgroup.procs': '300\n',
  });
  addServer(host);
  return host;
}

/** Hybrid: memory is counted by version 1, services are kept by systemd's own tree. */
function v1Host(): FakeHost {
  const host = fakeHost({
    '/proc/self/cgroup': '4:memory:/user\n1:name=systemd:/user\n0::/\n',
    '/proc/self/mountinfo': [
      '1 0 0:1 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      '2 0 0:2 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd',
      '3 0 0:3 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
      '',
    ].join('\n'),
    '/sys/fs/cgroup/memory/docker/4f5e/cgroup.procs': '100\n101\n',
    '/sys/fs/cgroup/unified/docker/4f5e/cgroup.procs': '100\n101\n',
    '/sys/fs/cgroup/systemd/system.slice/stt.service/cgroup.procs': '100\n101\n',
  });
  addServer(host);
  return host;
}

const summary = (target: ObservedTarget): string[] =>
  target.processes().map((process) => `${process.role}#${process.pid}${process.isRoot ? ' root' : ''}`);

describe('cgroup', () => {
  it.each([
    ['/sys/fs/cgroup/system.slice/stt.service', 'the folder'],
    ['/sys/fs/cgroup/system.slice/stt.service/', 'the folder as a shell completes it'],
    ['system.slice/stt.service', 'the path below the mount'],
    ['/system.slice/stt.service', 'the path as /proc/PID/cgroup prints it'],
    ['0::/system.slice/stt.service', 'the whole line of /proc/PID/cgroup'],
  ])('finds %s in version 2: %s', (path) => {
    const target = findCgroup(path, address, v2Host());
    expect(summary(target)).toEqual(['front#100 root', 'worker#101']);
    expect(target.cgroup).toEqual({ v1Memory: null, v2: '/system.slice/stt.service' });
    expect(target.description).toBe('cgroup /system.slice/stt.service: front#100, worker#101');
  });

  it.each([
    ['/sys/fs/cgroup/memory/docker/4f5e', { v1Memory: '/docker/4f5e', v2: null }, 'the folder of one tree'],
    ['memory/docker/4f5e', { v1Memory: '/docker/4f5e', v2: null }, 'the path below /sys/fs/cgroup'],
    ['4:memory:/docker/4f5e', { v1Memory: '/docker/4f5e', v2: null }, 'a line of the memory tree'],
    ['/docker/4f5e', { v1Memory: '/docker/4f5e', v2: '/docker/4f5e' }, 'the path in all trees that have it'],
    ['/system.slice/stt.service', { v1Memory: null, v2: null }, "systemd's tree counts no memory"],
  ])('finds %s on a host of both versions: $2', (path, cgroup, _reason) => {
    const target = findCgroup(path, address, v1Host());
    expect(summary(target)).toEqual(['front#100 root', 'worker#101']);
    expect(target.cgroup).toEqual(cgroup);
  });

  it('cuts off the part of the path that a container mounts as the root', () => {
    const host = v2Host();
    host.files.set('/proc/self/mountinfo', '9 8 0:1 /system.slice /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n');
    host.files.set('/sys/fs/cgroup/stt.service/cgroup.procs', '100\n');
    expect(findCgroup('/sys/fs/cgroup/stt.service', address, host).cgroup.v2).toBe('/system.slice/stt.service');
  });

  it('follows a server that was started again in the group, and is empty in between', () => {
    const host = v2Host();
    let nowMs = 0;
    const target = findCgroup('system.slice/stt.service', address, host, () => nowMs);
    const procs = '/sys/fs/cgroup/system.slice/stt.service/cgroup.procs';
    host.files.set(procs, '');
    host.files.set('/sys/fs/cgroup/system.slice/stt.service/pool/cgroup.procs', '');
    nowMs = 1000;
    expect(summary(target)).toEqual([]);
    addProcess(host, { pid: 500, parentPid: 1, comm: 'front' });
    host.files.set(procs, '500\n');
    nowMs = 2000;
    expect(summary(target)).toEqual(['front#500 root']);
  });

  it('leaves zombies out, and pids of 0, which are processes that this namespace does not see', () => {
    const host = v2Host();
    addProcess(host, { pid: 101, parentPid: 100, comm: 'worker', state: 'Z' });
    host.files.set('/sys/fs/cgroup/system.slice/stt.service/cgroup.procs', '0\n100\n101\n');
    expect(summary(findCgroup('system.slice/stt.service', address, host))).toEqual(['front#100 root']);
  });

  it.each([
    ['/system.slice/none', 'there is none'],
    ['/sys/fs/cgroup/system.slice/none', 'no folder either'],
    ['/etc', 'no folder of a cgroup'],
  ])('throws TARGET_UNREACHABLE for %s: %s', (path) => {
    expect(() => findCgroup(path, address, v2Host())).toThrow(`There is no cgroup "${path}" on this machine.`);
  });

  it('refuses the group in which the harness itself runs', () => {
    expect(() => findCgroup('/user.slice/session-1.scope', address, v2Host())).toThrow('bench itself runs in');
  });
});
