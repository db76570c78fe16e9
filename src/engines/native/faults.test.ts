import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallAdapter } from '../../model/adapter.ts';
import type { Outcome } from '../../model/record.ts';
import { openRows, rawAdapter, serviceMs } from '../../testing/contract-rows.ts';
import { drive } from './drive.fixture.ts';
import { openRawServer, type Served } from './servers.fixture.ts';

const okHead = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const oneMegabyte = Buffer.alloc(1_000_000, 'a');

function writeMegabytes(socket: Socket, count: number): void {
  let left = count;
  const more = (): void => {
    while (left > 0) {
      left -= 1;
      if (!socket.write(oneMegabyte)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}

function trickle(socket: Socket): void {
  socket.write(`${okHead}content-length: 1000\r\n\r\n`);
  const timer = setInterval(() => socket.write('x'), 20);
  socket.once('close', () => clearInterval(timer));
}

describe('the native engine and a server that', () => {
  let server: Served | null = null;
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  const table: readonly [string, (socket: Socket) => void, Outcome, string][] = [
    ['speaks another protocol', (socket) => socket.write('220 mail ready\r\n'), 'closed_early', 'protocol_error'],
    [
      'breaks off inside its head',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
      'closed_early',
      'no_response',
    ],
    [
      'breaks off inside a chunk',
      (socket) => socket.end(`${okHead}transfer-encoding: chunked\r\n\r\nff\r\nabc`),
      'closed_early',
      'short_body',
    ],
    ['trickles its answer', trickle, 'timeout', 'while_receiving'],
    ['says nothing', () => undefined, 'timeout', 'while_waiting'],
  ];
  it.each(table)('%s costs that request', async (_, behave, outcome, errorCode) => {
    server = await openRawServer(behave);
    const { records } = await drive(server.url, openRows([0], { timeoutMs: 200 }));
    expect(records).toMatchObject([{ outcome, errorCode, bytesOut: 1000 }]);
    expect(serviceMs(records[0])).toBeLessThan(600);
    expect(server.connections()).toBe(1);
  });

  it('answers with 100 MB is read to its end, and 4 MiB of it are kept', async () => {
    server = await openRawServer((socket) => {
      socket.write(`${okHead}content-length: 100000000\r\n\r\n`);
      writeMegabytes(socket, 100);
    });
    const beforeBytes = process.memoryUsage().external;
    const { records } = await drive(server.url, openRows([0]));
    expect(records).toMatchObject([{ outcome: 'ok', bytesIn: 100_000_000 }]);
    expect(process.memoryUsage().external - beforeBytes).toBeLessThan(64 * 1024 * 1024);
  });

  it('closes at the end of an answer without a length has answered', async () => {
    server = await openRawServer((socket) => socket.end(`${okHead}\r\n{"text":"done"}`));
    const { records } = await drive(server.url, openRows([0, 0]));
    expect(records).toMatchObject([
      { outcome: 'ok', bytesIn: 15 },
      { outcome: 'ok', bytesIn: 15 },
    ]);
    expect(server.connections()).toBe(2);
  });

  it('closes idle connections after a second is not sent a request on one of them', async () => {
    server = await openRawServer((socket) => {
      const answer = `${okHead}keep-alive: timeout=1\r\ncontent-length: 2\r\n\r\n{}`;
      socket.write(answer);
      socket.on('data', () => socket.write(answer));
    });
    const { records } = await drive(server.url, openRows([0, 60]), { durationMs: 100 });
    expect(records.map(({ reusedSocket, connectedMs }) => [reusedSocket, connectedMs === null])).toEqual([
      [false, false],
      [false, false],
    ]);
  });

  it('keeps its connections gets the next request on the same one', async () => {
    server = await openRawServer((socket) => {
      const answer = `${okHead}content-length: 2\r\n\r\n{}`;
      socket.write(answer);
      socket.on('data', () => socket.write(answer));
    });
    const { records } = await drive(server.url, openRows([0, 60]), { durationMs: 100 });
    expect(records.map(({ reusedSocket, connectedMs }) => [reusedSocket, connectedMs === null])).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  it('has no address is refused, and nothing waits', async () => {
    const { records } = await drive(new URL('http://no-such-host.invalid/'), openRows([0, 0]), { durationMs: 50 });
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'refused', connectedMs: null, bytesOut: 0, reusedSocket: null });
      expect(record.errorCode).toMatch(/^(?:enotfound|eai_again)$/);
    }
  });

  it('is asked with a header that cannot be sent is asked for nothing', async () => {
    server = await openRawServer(() => undefined);
    const adapter: CallAdapter = {
      ...rawAdapter,
      request: () => ({ method: 'GET', path: '/', headers: { 'x-a': 'a\r\nx-b: b' }, segments: [] }),
    };
    await expect(drive(server.url, openRows([0]), { adapter })).rejects.toThrow('Invalid character in header');
    expect(server.connections()).toBe(0);
  });
});
