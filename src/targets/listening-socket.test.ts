import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import type { ObservedTarget } from '../model/target.ts';
import { addProcess, type FakeHost, fakeHost, tcpTable } from '../testing/fake-host.ts';
import { findListeningSocket } from './listening-socket.ts';

const url = new URL('http://127.0.0.1:8000');

function preforkHost(): FakeHost {
  const host = fakeHost({ '/proc/self/cgroup': '0::/\n' });
  host.files.set('/proc/net/tcp', tcpTable([{ state: '0A', port: 8000, inode: '77' }]));
  addProcess(host, { pid: 1, parentPid: 0, comm: 'init' });
  addProcess(host, { pid: 100, parentPid: 1, comm: 'front', socketInodes: ['77'] });
  addProcess(host, { pid: 101, parentPid: 100, comm: 'worker', socketInodes: ['77'] });
  addProcess(host, { pid: 102, parentPid: 101, comm: 'helper' });
  addProcess(host, { pid: 200, parentPid: 1, comm: 'other', socketInodes: ['78'] });
  return host;
}

function find(host: FakeHost, at: URL = url): { target: ObservedTarget; later(ms: number): void } {
  let nowMs = 0;
  const target = findListeningSocket(
    { url: at, healthPath: '/health', readyPath: null, metricsUrl: null, deviceMonitor: null },
    host,
    ['10.0.0.5'],
    () => nowMs,
  );
  return {
    target,
    later(ms) {
      nowMs += ms;
    },
  };
}

const summary = (target: ObservedTarget): string[] =>
  target
    .processes()
    .map((process) => `${process.role}#${process.pid}${process.isRoot ? ' root' : ''}`)
    .sort();

describe('listening-socket', () => {
  it('takes the master of a prefork server as the root and all its descendants with it', () => {
    const { target } = find(preforkHost());
    expect(summary(target)).toEqual(['front#100 root', 'helper#102', 'worker#101']);
    expect(target.metricsUrl?.href).toBe('http://127.0.0.1:8000/metrics');
  });

  it('follows children as they come and go, and keeps one whose parent has died', () => {
    const host = preforkHost();
    const { target, later } = find(host);
    host.removeProcess(101);
    addProcess(host, { pid: 102, parentPid: 1, comm: 'helper' });
    addProcess(host, { pid: 103, parentPid: 100, comm: 'worker' });
    later(1000);
    expect(summary(target)).toEqual(['front#100 root', 'helper#102', 'worker#103']);
  });

  it('takes a zombie and a reused pid for gone', () => {
    const host = preforkHost();
    const { target, later } = find(host);
    addProcess(host, { pid: 101, parentPid: 100, comm: 'worker', state: 'Z' });
    addProcess(host, { pid: 102, parentPid: 1, comm: 'stranger', startTicks: 999_999 });
    later(1000);
    expect(summary(target)).toEqual(['front#100 root']);
  });

  it('shows a root that replaced itself by exec under its new role: the pid and start time are the same', () => {
    const host = preforkHost();
    const { target, later } = find(host);
    addProcess(host, { pid: 100, parentPid: 1, comm: 'python3', socketInodes: ['77'] });
    later(1000);
    expect(summary(target)).toEqual(['helper#102', 'python3#100 root', 'worker#101']);
  });

  it('does not take a stranger for the root that has the pid of a dead one', () => {
    const host = preforkHost();
    const { target, later } = find(host);
    host.files.set('/proc/net/tcp', tcpTable([]));
    addProcess(host, { pid: 100, parentPid: 1, comm: 'stranger', startTicks: 999_999 });
    addProcess(host, { pid: 101, parentPid: 1, comm: 'worker' });
    later(1000);
    expect(summary(target)).toEqual(['helper#102', 'worker#101']);
  });

  it('takes every process of SO_REUSEPORT as a root of its own', () => {
    const host = preforkHost();
    host.files.set(
      '/proc/net/tcp',
      tcpTable([
        { state: '0A', port: 8000, inode: '77' },
        { state: '0A', port: 8000, inode: '78' },
      ]),
    );
    expect(summary(find(host).target)).toEqual(['front#100 root', 'helper#102', 'other#200 root', 'worker#101']);
  });

  it('finds the listener that a supervisor has put in place of a dead one', () => {
    const host = preforkHost();
    const { target, later } = find(host);
    for (const pid of [100, 101, 102]) {
      host.removeProcess(pid);
    }
    host.files.set('/proc/net/tcp', tcpTable([]));
    later(1000);
    expect(summary(target)).toEqual([]);
    host.files.set('/proc/net/tcp', tcpTable([{ state: '0A', port: 8000, inode: '90' }]));
    addProcess(host, { pid: 300, parentPid: 1, comm: 'front', socketInodes: ['90'] });
    later(1000);
    expect(summary(target)).toEqual(['front#300 root']);
  });

  it('sees within fifteen seconds that another process has taken the port over', () => {
    const host = preforkHost();
    const { target, later } = find(host);
    host.files.set('/proc/net/tcp', tcpTable([{ state: '0A', port: 8000, inode: '91' }]));
    host.links.delete('/proc/100/fd/10');
    addProcess(host, { pid: 300, parentPid: 1, comm: 'new', socketInodes: ['91'] });
    later(1000);
    expect(summary(target)).not.toContain('new#300 root');
    later(14_500);
    expect(summary(target)).toContain('new#300 root');
  });

  it('sees within a minute who has come to listen beside those who still do', () => {
    const host = preforkHost();
    const { target, later } = find(host);
    host.files.set(
      '/proc/net/tcp',
      tcpTable([
        { state: '0A', port: 8000, inode: '77' },
        { state: '0A', port: 8000, inode: '92' },
      ]),
    );
    addProcess(host, { pid: 300, parentPid: 1, comm: 'beside', socketInodes: ['92'] });
    const seen = Array.from({ length: 4 }, () => {
      later(15_000);
      return summary(target).includes('beside#300 root');
    });
    expect(seen).toEqual([false, false, false, true]);
  });

  it('reads no table again while the root listens, though a worker has gone', () => {
    const host = preforkHost();
    const { target, later } = find(host);
    let tables = 0;
    const { read } = host;
    host.read = (path) => {
      tables += path.includes('/net/tcp') ? 1 : 0;
      return read(path);
    };
    host.removeProcess(101);
    later(15_000);
    summary(target);
    later(15_000);
    expect(summary(target)).toEqual(['front#100 root', 'helper#102']);
    expect(tables).toBe(0);
  });

  it('unites the tree with the processes of a cgroup that is the target alone', () => {
    const host = preforkHost();
    host.files.set('/proc/self/mountinfo', '9 8 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n');
    addProcess(host, {
      pid: 100,
      parentPid: 1,
      comm: 'front',
      socketInodes: ['77'],
      cgroup: '0::/system.slice/stt.service\n',
    });
    host.files.set('/sys/fs/cgroup/system.slice/stt.service/cgroup.procs', '100\n101\n102\n200\n');
    expect(summary(find(host).target)).toContain('other#200');
  });

  it.each(['/', '/system.slice', '/user.slice/session-4.scope', '/user.slice/user@1000.service'])(
    'does not trust the group %s, which others share by its nature',
    (path) => {
      const host = preforkHost();
      host.files.set('/proc/self/cgroup', '0::/elsewhere\n');
      host.files.set('/proc/self/mountinfo', '9 8 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n');
      addProcess(host, { pid: 100, parentPid: 1, comm: 'front', socketInodes: ['77'], cgroup: `0::${path}\n` });
      host.files.set(`/sys/fs/cgroup${path === '/' ? '' : path}/cgroup.procs`, '100\n200\n');
      expect(summary(find(host).target)).not.toContain('other#200');
    },
  );

  it.each([
    ['nothing listens', tcpTable([])],
    ['only a connection is left', tcpTable([{ state: '01', port: 8000, inode: '77' }])],
    [
      'the listener is bound to another address',
      tcpTable([{ state: '0A', port: 8000, inode: '77', address: '0500000A' }]),
    ],
  ])('throws TARGET_UNREACHABLE with a hint if %s', (_reason, table) => {
    const host = preforkHost();
    host.files.set('/proc/net/tcp', table);
    expect(() => find(host)).toThrow(BenchError);
    expect(() => find(host)).toThrow('Nothing listens on port 8000 of 127.0.0.1.');
  });

  it.each([
    ['IPv6 wildcard', '00000000000000000000000000000000'],
    ['IPv6 loopback', '00000000000000000000000001000000'],
    ['IPv4 in IPv6', '0000000000000000FFFF00000100007F'],
  ])('takes a listener on %s for localhost', (_reason, address) => {
    const host = preforkHost();
    host.files.delete('/proc/net/tcp');
    host.files.set('/proc/net/tcp6', tcpTable([{ state: '0A', port: 8000, inode: '77', address }]));
    expect(summary(find(host, new URL('http://localhost:8000')).target)).toContain('front#100 root');
  });

  it.each(['http://192.0.2.7:8000', 'http://stt.example:8000'])('does not observe memory at %s', (remote) => {
    const { target } = find(preforkHost(), new URL(remote));
    expect(target.host).toBeNull();
    expect(target.description).toContain('remote: memory not observed');
  });

  it('knows a name of the hosts file and its own address as this machine', () => {
    const host = preforkHost();
    host.files.set('/proc/net/tcp', tcpTable([{ state: '0A', port: 8000, inode: '77', address: '00000000' }]));
    host.files.set('/etc/hosts', '10.0.0.5 stt stt.lan # the box\n');
    expect(find(host, new URL('http://stt.lan:8000')).target.host).not.toBeNull();
    expect(find(host, new URL('http://10.0.0.5:8000')).target.host).not.toBeNull();
  });

  it('says what to do if the owner cannot be seen', () => {
    const host = preforkHost();
    host.links.clear();
    const { target } = find(host);
    expect(target.host).toBeNull();
    expect(target.description).toContain('run as that user or as root');
  });

  it.each([
    ['docker-proxy', '--container', 'it forwards to a published port of a container'],
    ['kubectl', 'another machine', 'the pod may run on any node'],
    ['nginx', '--pid', 'the server behind it has another port'],
  ])('names the forwarder %s instead of measuring it, with %s as the way out: %s', (comm, hint) => {
    const host = preforkHost();
    addProcess(host, { pid: 100, parentPid: 1, comm, socketInodes: ['77'] });
    const { target } = find(host);
    expect(target.host).toBeNull();
    expect(target.description).toContain(`held by ${comm}`);
    expect(target.description).toContain(hint);
  });

  it('observes no memory on a host without /proc, and says that load is measured all the same', () => {
    const { target } = find(fakeHost({}));
    expect(target.description).toContain('this host has no /proc/net/tcp');
    expect({ host: target.host, processes: target.processes() }).toEqual({ host: null, processes: [] });
  });

  it('finds a listener in another network namespace', () => {
    const host = preforkHost();
    host.files.set('/proc/net/tcp', tcpTable([]));
    host.links.set('/proc/self/ns/net', 'net:[1]');
    host.links.set('/proc/100/ns/net', 'net:[2]');
    host.files.set('/proc/100/net/tcp', tcpTable([{ state: '0A', port: 8000, inode: '77', address: '020011AC' }]));
    expect(summary(find(host).target)).toContain('front#100 root');
  });
});
