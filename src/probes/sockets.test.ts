import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../model/target.ts';
import { netstatText } from '../testing/captured/netstat.ts';
import { type FakeHost, type FakeSocket, fakeHost, tcpTable } from '../testing/fake-host.ts';
import { opened, targetOn, tickAt, valuesOf } from '../testing/open-probe.ts';
import { parseNetstat, sockets } from './sockets.ts';

const root: ProcessIdentity = { pid: 100, startTicks: 5100, parentPid: 1, role: 'front', isRoot: true };

async function readAt(host: FakeHost, tMs: number = 0): Promise<Record<string, number | null>> {
  const probe = await opened(sockets, targetOn(host, { processes: () => [root] }));
  return valuesOf((await probe.read(tickAt(tMs))).samples, ':8000');
}

const tableOf = (rows: readonly FakeSocket[]): Record<string, string> => ({ '/proc/100/net/tcp': tcpTable(rows) });

describe('sockets', () => {
  it("sums the queues of the server's own ends and looks once a second at most, every 5 s at least", async () => {
    const host = fakeHost(
      tableOf([
        { state: '0A', port: 8000, inode: '1', receiveQueue: 3 },
        { state: '01', port: 8000, inode: '2', receiveQueue: 1000, sendQueueBytes: 5 },
        { state: '01', port: 8000, inode: '3', receiveQueue: 24 },
        { state: '01', port: 40_000, inode: '4', receiveQueue: 9 },
      ]),
    );
    const probe = await opened(sockets, targetOn(host, { processes: () => [root] }));
    expect(valuesOf((await probe.read(tickAt(0))).samples, ':8000')).toMatchObject({
      accept_queue: 3,
      established: 2,
      recv_queue_bytes: 1024,
      send_queue_bytes: 5,
    });
    expect((await probe.read(tickAt(500))).samples).toEqual([]);
    host.files.clear();
    expect(valuesOf((await probe.read(tickAt(5000))).samples, ':8000')['established']).toBeNull();
  });

  it.each([
    { state: '03', metric: 'syn_recv', why: 'the handshake is under way' },
    { state: '0C', metric: 'syn_recv', why: 'the handshake has no socket of its own yet' },
    { state: '08', metric: 'close_wait', why: 'the server has not closed' },
    { state: '09', metric: 'last_ack', why: 'the last acknowledgement is missing' },
    { state: '04', metric: 'fin_wait', why: 'the client has not acknowledged the end' },
    { state: '05', metric: 'fin_wait', why: 'the client has not closed' },
    { state: '06', metric: 'time_wait', why: 'late packets may come' },
  ] as const)('counts state $state as $metric: $why', async ({ state, metric }) => {
    const values = await readAt(fakeHost(tableOf([{ state, port: 8000, inode: '1' }])));
    expect(values[metric]).toBe(1);
    expect(values['established']).toBe(0);
    expect(values['accept_queue']).toBeNull();
  });

  it('counts bytes that wait in a connection that the client has closed', async () => {
    const host = fakeHost(tableOf([{ state: '08', port: 8000, inode: '1', receiveQueue: 70_000 }]));
    expect((await readAt(host))['recv_queue_bytes']).toBe(70_000);
  });

  it("reads overflows of the target's network, and the bound of the queue only where the network is ours", async () => {
    const host = fakeHost({
      ...tableOf([]),
      '/proc/100/net/netstat': netstatText,
      '/proc/sys/net/core/somaxconn': '4096\n',
    });
    host.links.set('/proc/self/ns/net', 'net:[1]');
    host.links.set('/proc/100/ns/net', 'net:[1]');
    expect(await readAt(host)).toMatchObject({ somaxconn: 4096, listen_overflows: 5, listen_drops: 7 });
    host.links.set('/proc/100/ns/net', 'net:[2]');
    expect(await readAt(host)).toMatchObject({ somaxconn: null, listen_overflows: 5 });
  });

  it('has null for counters that this kernel does not have', async () => {
    expect(await readAt(fakeHost(tableOf([])))).toMatchObject({
      somaxconn: null,
      listen_overflows: null,
      listen_drops: null,
    });
  });

  it.each([
    ['another group', 'IpExt'],
    ['a group that is not there', 'MPTcpExt'],
  ])('reads nothing of %s', (_why, group) => {
    expect(parseNetstat(netstatText, group).get('ListenDrops')).toBeUndefined();
  });

  it.each([
    ['no host can be read', targetOn(null), 'remote: memory not observed'],
    ['no URL is known', targetOn(fakeHost(), { url: null }), 'no URL of the server is known; name it with --target'],
  ])('is unavailable where %s', async (_why, target, unavailable) => {
    expect(await sockets.open(target)).toEqual({ unavailable });
  });
});
