import { describe, expect, it } from 'vitest';
import type { ObservedTarget } from '../model/target.ts';
import { addProcess, type FakeHost, fakeHost } from '../testing/fake-host.ts';
import type { RunCommand } from './command/run-command.ts';
import { findContainer } from './container.ts';

const address = { url: null, healthPath: '/health', readyPath: null, metricsUrl: null, deviceMonitor: null };
const id = '4f5e8e6c9d0a1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899aab';
const uid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

/** A host where the server, process 100, is in the group. */
function hostWith(path: string): FakeHost {
  const host = fakeHost({
    '/proc/self/cgroup': '0::/user.slice/session-1.scope\n',
    '/proc/self/mountinfo': '9 8 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    [`/sys/fs/cgroup${path}/cgroup.procs`]: '100\n101\n',
  });
  addProcess(host, { pid: 1, parentPid: 0, comm: 'init' });
  addProcess(host, { pid: 50, parentPid: 1, comm: 'containerd-shim' });
  addProcess(host, { pid: 100, parentPid: 50, comm: 'front', cgroup: `0::${path}\n` });
  addProcess(host, { pid: 101, parentPid: 100, comm: 'worker', cgroup: `0::${path}\n` });
  return host;
}

const systemdPath = `/system.slice/docker-${id}.scope`;
const dockerAnswer = (pid: number, status: string): string =>
  JSON.stringify([{ Id: id, Name: '/stt', State: { Status: status, Running: pid > 0, Pid: pid }, Config: {} }]);
const criAnswer = JSON.stringify({
  status: { id, state: 'CONTAINER_RUNNING', metadata: { name: 'server' } },
  info: { pid: 100, sandboxID: 'ff' },
});

/** The manager that is installed, with what it prints; null: none is. */
const installed =
  (command: string | null, stdout: string = '', exitCode: number = 0): RunCommand =>
  (asked) =>
    Promise.resolve(asked === command ? { exitCode, stdout, stderr: '' } : null);

const summary = (target: ObservedTarget): string[] =>
  target.processes().map((process) => `${process.role}#${process.pid}${process.isRoot ? ' root' : ''}`);

describe('container', () => {
  it.each([
    ['docker', dockerAnswer(100, 'running')],
    ['podman', dockerAnswer(100, 'running')],
    ['nerdctl', dockerAnswer(100, 'running')],
    ['crictl', criAnswer],
  ])('asks %s for a name', async (manager, stdout) => {
    const target = await findContainer('stt', address, hostWith(systemdPath), installed(manager, stdout));
    expect(summary(target)).toEqual(['front#100 root', 'worker#101']);
    expect(target.cgroup.v2).toBe(systemdPath);
    expect(target.description).toBe(`container stt (${manager}): front#100, worker#101`);
  });

  it.each([
    [systemdPath, 'docker under systemd'],
    [`/docker/${id}`, 'docker under cgroupfs'],
    [`/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`, 'containerd of Kubernetes'],
    [`/kubepods.slice/kubepods-pod1.slice/crio-${id}.scope`, 'CRI-O'],
    [`/kubepods/burstable/pod1/${id}`, 'Kubernetes under cgroupfs'],
    [`/machine.slice/libpod-${id}.scope`, 'podman'],
    [`/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:${id}`, 'containerd without systemd names'],
  ])('finds an id in %s without any manager: %s', async (path) => {
    const target = await findContainer(id.slice(0, 12), address, hostWith(path), installed(null));
    expect(target.cgroup.v2).toBe(path);
    expect(target.description).toContain('found by its cgroup');
  });

  it.each([
    [`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`, 'systemd'],
    [`/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice`, 'systemd, guaranteed'],
    [`/kubepods/besteffort/pod${uid}`, 'cgroupfs'],
  ])('finds a pod by its uid in %s: %s', async (path) => {
    const target = await findContainer(uid, address, hostWith(path), installed(null));
    expect(target.cgroup.v2).toBe(path);
    expect(target.description).toContain(`pod ${uid}`);
  });

  it("passes the container's monitor by, whose group has the same id in its name", async () => {
    const host = hostWith(`/machine.slice/libpod-${id}.scope`);
    const monitor = `/machine.slice/libpod-conmon-${id}.scope`;
    addProcess(host, { pid: 90, parentPid: 1, comm: 'conmon', cgroup: `0::${monitor}\n` });
    host.files.set(`/sys/fs/cgroup${monitor}/cgroup.procs`, '90\n');
    const target = await findContainer(id, address, host, installed(null));
    expect(target.cgroup.v2).toBe(`/machine.slice/libpod-${id}.scope`);
  });

  it('follows the tree of the first process if its group is not mounted here', async () => {
    const host = hostWith(systemdPath);
    host.files.set('/proc/self/mountinfo', '');
    const target = await findContainer('stt', address, host, installed('docker', dockerAnswer(100, 'running')));
    expect(target.id).toBe('container');
    expect(summary(target)).toEqual(['front#100 root', 'worker#101']);
  });

  it.each([
    ['stt', installed(null), 'are not installed', 'nobody can be asked for a name'],
    ['stt', installed('docker', '', 1), 'docker does not know it', 'the daemon may be down too'],
    ['stt', installed('docker', 'no JSON'), 'docker does not know it', 'a wrapper that prints something else'],
    ['stt', installed('docker', '[]'), 'docker does not know it', 'nothing in the answer'],
    ['stt', installed('docker', dockerAnswer(0, 'exited')), 'is not running (exited)', 'a container that has ended'],
    ['ffffffffffff', installed(null), 'There is no container', 'an id that no process has'],
    [
      'stt',
      installed('docker', dockerAnswer(1, 'running')),
      'is no process of that container',
      "the pid is another machine's, and measuring ours would be a lie",
    ],
  ])('throws TARGET_UNREACHABLE for %s: %#', async (name, run, message) => {
    const finding = findContainer(name, address, hostWith(systemdPath), run);
    await expect(finding).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    await expect(finding).rejects.toThrow(message);
  });

  it('refuses the beginning of two ids', async () => {
    const host = hostWith(systemdPath);
    const other = `${id.slice(0, 12)}${'0'.repeat(52)}`;
    addProcess(host, { pid: 300, parentPid: 1, comm: 'twin', cgroup: `0::/docker/${other}\n` });
    await expect(findContainer(id.slice(0, 12), address, host, installed(null))).rejects.toThrow('2 containers');
  });

  it.each(['--help', '', 'a b'])('never gives %j to a manager', async (name) => {
    const run: RunCommand = () => {
      throw new Error('was asked');
    };
    await expect(findContainer(name, address, hostWith(systemdPath), run)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
