import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../../base/clock.ts';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, closedRows, rawAdapter, streamedItem } from '../../testing/contract-rows.ts';
import { autocannon } from './autocannon.ts';

const done = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone';

describe('a connection of the autocannon engine', () => {
  let server: Server | null = null;
  afterEach(async () => {
    await new Promise<unknown>((resolve) => (server === null ? resolve(null) : server.close(resolve)));
    server = null;
  });

  /** One slot sends three requests, each of them answered with these bytes. */
  async function sendThree(
    reply: string,
    { bytes = 10, closes = false, headers = {} }: { bytes?: number; closes?: boolean; headers?: object } = {},
  ): Promise<{ records: RequestRecord[]; heads: string[]; connections: number }> {
    const heads: string[] = [];
    let connections = 0;
    const listening = createServer((socket) => {
      connections += 1;
      let due = 0;
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        if (due <= 0) {
          const [head = ''] = chunk.toString('latin1').split('\r\n\r\n');
          heads.push(head);
          due = bytes + head.length + 4;
        }
        due -= chunk.length;
        if (due <= 0) {
          socket.write(reply);
          if (closes) {
            socket.end();
          }
        }
      });
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const records: RequestRecord[] = [];
    const clock = monotonicClock();
    const session = autocannon.open({
      url: new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}/base/`),
      adapter: rawAdapter,
      adapterOptions: anyOptions,
      headers: { ...headers },
      clock,
      tlsAuthorities: null,
      folder: '',
      onRecord: (record) => records.push(record),
    });
    const plain = closedRows(1, 0);
    const startMs = clock.nowMs();
    await session.runStage(
      {
        ...plain,
        draw(slot, turn) {
          const row = turn < 3 ? plain.draw(slot, turn) : null;
          return row === null ? null : { ...row, item: streamedItem('a', bytes) };
        },
      },
      startMs,
      startMs + 450,
    );
    await session.close();
    return { records, heads, connections };
  }

  it('is one for all, and connects once', async () => {
    const { records, heads, connections } = await sendThree(done, { headers: { 'X-Key': 'secret' } });
    expect(records.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    expect(records.map(({ reusedSocket, connectedMs }) => [reusedSocket, connectedMs === null])).toEqual([
      [false, false],
      [true, true],
      [true, true],
    ]);
    expect(connections).toBe(1);
    expect(heads[2]).toMatch(/^POST \/base\/raw HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nconnection: keep-alive\r\n/);
    expect(heads[2]).toContain('\r\nx-key: secret');
    expect(heads[2]?.match(/content-length: 10/gi)).toHaveLength(1);
  });

  it.each([
    ['a body of more than one write', done, { bytes: 200_000 }, 1],
    ['an interim reply before the real one', `HTTP/1.1 100 Continue\r\n\r\n${done}`, {}, 1],
    ['a chunked reply', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ndone\r\n0\r\n\r\n', {}, 1],
    ['a reply without a length, which ends with its connection', 'HTTP/1.1 200 OK\r\n\r\ndone', { closes: true }, 3],
    ['a server that says it closes', done.replace('OK\r\n', 'OK\r\nconnection: close\r\n'), {}, 3],
    ['a server that keeps it for a second only', done.replace('OK\r\n', 'OK\r\nkeep-alive: timeout=1\r\n'), {}, 3],
  ])('carries %s', async (_, reply, options, connections) => {
    const sent = await sendThree(reply, options);
    expect(sent.records.map(({ outcome, status, bytesIn }) => [outcome, status, bytesIn])).toEqual(
      Array(3).fill(['ok', 200, 4]),
    );
    expect(sent.connections).toBe(connections);
  });

  it('is not used again once a second reply came behind the first', async () => {
    const { records, connections } = await sendThree(done + done);
    expect(records.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    expect(connections).toBe(3);
  });

  it('ends with what is no HTTP', async () => {
    const { records, connections } = await sendThree('SSH-2.0-server\r\n');
    expect(
      records.every(({ outcome, errorCode }) => outcome === 'closed_early' && errorCode === 'protocol_error'),
    ).toBe(true);
    expect(connections).toBe(records.length);
  });

  it('carries no header that would end its line', async () => {
    await expect(sendThree(done, { headers: { 'x-key': 'a\r\nx-other: b' } })).rejects.toThrow(/Invalid character/);
  });
});
