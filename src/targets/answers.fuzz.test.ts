import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { damaged } from '../testing/damaged.ts';
import { addProcess, fakeHost } from '../testing/fake-host.ts';
import { groupNames } from './container/group-names.ts';
import { inspectContainer } from './container/inspect.ts';
import { findContainer } from './container.ts';
import { localAddressesOf, serves } from './socket/locality.ts';
import { findUnit, parseShownUnit } from './unit.ts';

const shown =
  'ControlGroup=/system.slice/stt.service\nMainPID=4100\nResult=success\nNRestarts=2\nLoadState=loaded\nActiveState=active\n';
const container = '4f0c2b9e6a1d8375c0ab41f2de97836b5512c04e9f78aa3310cd64b7e2f95d18';
const docker = JSON.stringify([{ Id: container, State: { Status: 'running', Pid: 4100 } }]);
const cri = JSON.stringify({ status: { id: container, state: 'CONTAINER_RUNNING' }, info: { pid: 4100 } });
const address = {
  url: new URL('http://127.0.0.1:8000'),
  healthPath: '/health',
  readyPath: null,
  metricsUrl: null,
  deviceMonitor: null,
};
const answerOf = (stdout: string) => () => Promise.resolve({ exitCode: 0, stdout, stderr: '' });
const isPid = (pid: number): boolean => Number.isSafeInteger(pid) && pid >= 0;

/** What is found, or one line that says why not. */
async function expectFoundOrTold(find: () => Promise<{ description: string }>): Promise<void> {
  try {
    expect((await find()).description).not.toMatch(/\n|NaN/);
  } catch (error: unknown) {
    expect(error).toBeInstanceOf(BenchError);
    expect((error as BenchError).message).not.toMatch(/[\n\r]/);
  }
}

const host = fakeHost({
  '/proc/self/mountinfo': '27 22 0:25 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n',
  '/proc/self/cgroup': '0::/\n',
  '/sys/fs/cgroup/system.slice/stt.service/cgroup.procs': '4100\n',
  '/sys/fs/cgroup/system.slice/stt.service/memory.current': '1\n',
});
addProcess(host, { pid: 4100, parentPid: 1, comm: 'stt', cgroup: '0::/system.slice/stt.service\n' });

describe('what a manager of services says', () => {
  it('of a unit is a process with a number, or nothing', () => {
    fc.assert(
      fc.property(damaged(shown, ''), (text) => {
        const unit = parseShownUnit(text);
        expect(unit === null || isPid(unit.mainPid)).toBe(true);
      }),
    );
  });

  it('of a unit leads to it, or is refused in one line', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(shown, ''), (text) =>
        expectFoundOrTold(() => findUnit('stt', address, host, answerOf(text), () => 0)),
      ),
    );
  });

  it('of a container is a process with a number, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), damaged(docker, cri, '[null]', '[5]', '')), async (text) => {
        const { found } = await inspectContainer('stt', answerOf(text));
        expect(found === null || isPid(found.pid)).toBe(true);
      }),
    );
  });

  it('of a container leads to it, or is refused in one line', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(docker, cri, ''), (text) =>
        expectFoundOrTold(() => findContainer('stt', address, host, answerOf(text), () => 0)),
      ),
    );
  });
});

describe('names and addresses', () => {
  it('of any text are those of a container, of a pod, or of neither', () => {
    const text = fc.oneof(fc.string(), damaged(container, 'pod8a1f6c3e-52b7-4e0d-9a63-1d7c0b5f2e94'));
    fc.assert(
      fc.property(text, text, (name, segment) => {
        expect(groupNames(name)?.isWanted(segment) ?? false).toBeTypeOf('boolean');
      }),
    );
  });

  it('of the hosts file and of a socket never throw', () => {
    const hosts = '127.0.0.1 localhost\n::1 ip6-localhost\n10.0.0.7 stt.lan stt # the box\n';
    const sockets = damaged('0100007F', '0000000000000000FFFF00000100007F', '00000000000000000000000001000000');
    fc.assert(
      fc.property(damaged(hosts), sockets, (text, hex) => {
        const found = localAddressesOf(new URL('http://stt:8000'), fakeHost({ '/etc/hosts': text }), ['10.0.0.7']);
        expect(found === null || found.length > 0).toBe(true);
        expect(serves(hex, found ?? [])).toBeTypeOf('boolean');
      }),
    );
  });
});
