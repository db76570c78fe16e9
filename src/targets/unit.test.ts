import { describe, expect, it } from 'vitest';
import type { ObservedTarget } from '../model/target.ts';
import { addProcess, type FakeHost, fakeHost } from '../testing/fake-host.ts';
import type { CommandAnswer, RunCommand } from './command/run-command.ts';
import { findUnit } from './unit.ts';

const address = { url: null, healthPath: '/health', readyPath: null, metricsUrl: null, deviceMonitor: null };
const path = '/system.slice/stt.service';

function host(): FakeHost {
  const fake = fakeHost({
    '/proc/self/cgroup': '0::/user.slice/session-1.scope\n',
    '/proc/self/mountinfo': '9 8 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    [`/sys/fs/cgroup${path}/cgroup.procs`]: '100\n101\n',
  });
  addProcess(fake, { pid: 1, parentPid: 0, comm: 'systemd' });
  addProcess(fake, { pid: 100, parentPid: 1, comm: 'front', cgroup: `0::${path}\n` });
  addProcess(fake, { pid: 101, parentPid: 100, comm: 'worker', cgroup: `0::${path}\n` });
  return fake;
}

const shown = (controlGroup: string, mainPid: number, more: string = 'LoadState=loaded'): CommandAnswer => ({
  exitCode: 0,
  stdout: `MainPID=${mainPid}\nResult=oom-kill\nNRestarts=2\nControlGroup=${controlGroup}\n${more}\nActiveState=failed\n`,
  stderr: '',
});
const notFound = shown('', 0, 'LoadState=not-found');
const noSystemd: CommandAnswer = { exitCode: 1, stdout: '', stderr: 'System has not been booted with systemd' };

/** What the manager of the system and the user's own answer. */
const systemctl =
  (system: CommandAnswer, user: CommandAnswer = noSystemd): RunCommand =>
  (_command, args) =>
    Promise.resolve(args.includes('--user') ? user : system);

const summary = (target: ObservedTarget): string[] =>
  target.processes().map((process) => `${process.role}#${process.pid}${process.isRoot ? ' root' : ''}`);

describe('unit', () => {
  it("asks the system's manager", async () => {
    const target = await findUnit('stt', address, host(), systemctl(shown(path, 100)));
    expect(summary(target)).toEqual(['front#100 root', 'worker#101']);
    expect(target.cgroup).toEqual({ v1Memory: null, v2: path });
    expect(target.description).toBe('unit stt (main process 100, 2 restarts so far): front#100, worker#101');
  });

  it("asks the user's manager for what the system's does not know", async () => {
    const target = await findUnit('stt', address, host(), systemctl(notFound, shown(path, 100)));
    expect(summary(target)).toEqual(['front#100 root', 'worker#101']);
  });

  it.each([
    [null, 'systemctl is not installed', 'does not answer'],
    [noSystemd, 'systemd does not run', 'does not answer'],
    [notFound, "another user's manager has it", 'does not know it'],
  ])("is found by its cgroup's path without systemctl (%#: %s)", async (answer, _reason, why) => {
    const target = await findUnit('stt', address, host(), systemctl(answer, null));
    expect(target.cgroup.v2).toBe(path);
    expect(target.description).toContain(`found by its cgroup's path, as systemctl ${why}`);
  });

  it('follows a restart, which gives the unit another main process', async () => {
    const fake = host();
    let nowMs = 0;
    const target = await findUnit('stt.service', address, fake, systemctl(shown(path, 100)), () => nowMs);
    addProcess(fake, { pid: 500, parentPid: 1, comm: 'front' });
    fake.files.set(`/sys/fs/cgroup${path}/cgroup.procs`, '500\n');
    nowMs = 1000;
    expect(summary(target)).toEqual(['front#500 root']);
  });

  it('follows the tree of the main process if its group is not mounted here', async () => {
    const fake = host();
    fake.files.set('/proc/self/mountinfo', '');
    const target = await findUnit('stt', address, fake, systemctl(shown(path, 100)));
    expect(target.id).toBe('unit');
    expect(summary(target)).toEqual(['front#100 root', 'worker#101']);
  });

  it.each([
    ['stt', shown('', 0), 'runs nothing: failed, result oom-kill', 'a unit that has failed'],
    ['tts', notFound, 'systemd knows no unit "tts"', 'a name that nobody knows'],
    ['tts', null, 'systemctl does not answer', 'nor any cgroup, without systemctl'],
  ])('throws TARGET_UNREACHABLE for %s: %#', async (name, answer, message) => {
    const finding = findUnit(name, address, host(), systemctl(answer, answer));
    await expect(finding).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    await expect(finding).rejects.toThrow(message);
  });

  it('refuses a name that two users have', async () => {
    const fake = host();
    const other = '/user.slice/user-1000.slice/user@1000.service/app.slice/stt.service';
    addProcess(fake, { pid: 300, parentPid: 1, comm: 'twin', cgroup: `0::${other}\n` });
    await expect(findUnit('stt', address, fake, systemctl(null, null))).rejects.toThrow('the name of 2 units');
  });

  it.each(['--all', '', 'a b', '../x'])('never gives %j to systemctl', async (name) => {
    const run: RunCommand = () => {
      throw new Error('was asked');
    };
    await expect(findUnit(name, address, host(), run)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
