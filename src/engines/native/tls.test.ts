import type { ServerHttp2Stream } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../model/record.ts';
import { count, openRows } from '../../testing/contract-rows.ts';
import { testCertificate } from './certificate.fixture.ts';
import { drive } from './drive.fixture.ts';
import { type OnRequest, openHttp2Server, openHttpsServer, type Served } from './servers.fixture.ts';

const trusted = { tlsAuthorities: testCertificate };

function answerAll(seen: string[] = []): OnRequest {
  return (request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      seen.push(`${request.httpVersion} ${String(request.method)} ${String(request.url)} ${bytes}`);
      response.writeHead(200, { 'x-route': 'a' });
      response.end('{"text":"done"}');
    });
  };
}

// Stamps are held against real time on a host that others may keep busy for a moment.
describe('a target over TLS', { retry: 2 }, () => {
  let server: Served | null = null;
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  const kinds: readonly [string, string, (onRequest: OnRequest) => Promise<Served>][] = [
    ['HTTP/1.1', '1.1', openHttpsServer],
    ['HTTP/2', '2.0', (request) => openHttp2Server({ request })],
  ];
  it.each(kinds)('of %s is refused where its certificate is not trusted', async (_, __, open) => {
    const seen: string[] = [];
    server = await open(answerAll(seen));
    const { records } = await drive(server.url, openRows([0, 40]), { durationMs: 80 });
    for (const record of records) {
      expect(record).toMatchObject({
        outcome: 'refused',
        errorCode: 'depth_zero_self_signed_cert',
        connectedMs: null,
        bodySentMs: null,
        bytesOut: 0,
      });
    }
    expect(seen).toEqual([]);
  });

  it('is refused where its certificate is for another name', async () => {
    server = await openHttpsServer(answerAll(), '127.0.0.2');
    const { records } = await drive(server.url, openRows([0]), trusted);
    expect(records).toMatchObject([{ outcome: 'refused', errorCode: 'err_tls_cert_altname_invalid' }]);
  });

  it.each(kinds)('speaks %s with the authority that was given', async (_, version, open) => {
    const seen: string[] = [];
    server = await open(answerAll(seen));
    const { records } = await drive(server.url, openRows([0, 100, 200], { bytes: 200_000 }), {
      ...trusted,
      durationMs: 300,
    });
    for (const [index, record] of records.entries()) {
      expect(record).toMatchObject({
        outcome: 'ok',
        bytesOut: 200_000,
        bytesIn: 15,
        status: 200,
        route: 'a',
        reusedSocket: index > 0,
      });
      const { plannedMs, startMs, connectedMs, bodySentMs, firstByteMs, firstContentMs, endMs } = record;
      const stamps = [plannedMs, startMs, connectedMs ?? startMs, bodySentMs, firstByteMs, firstContentMs, endMs];
      expect(stamps).toEqual(stamps.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
      expect(connectedMs === null).toBe(index > 0);
    }
    expect(seen).toEqual(Array<string>(3).fill(`${version} POST /raw 200000`));
  });
});

// Stamps are held against real time on a host that others may keep busy for a moment.
describe('a target of HTTP/2', { retry: 2 }, () => {
  let server: Served | null = null;
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  it('gets one connection for each 100 streams', async () => {
    server = await openHttp2Server({
      stream(stream) {
        stream.resume();
        setTimeout(() => {
          stream.respond({ ':status': 200 });
          stream.end('{}');
        }, 400);
      },
    });
    const { records } = await drive(server.url, openRows(Array<number>(150).fill(0)), trusted);
    expect(count(records, 'ok')).toBe(150);
    expect(server.connections()).toBe(2);
  });

  const table: readonly [string, (stream: ServerHttp2Stream) => void, Outcome, string][] = [
    ['whose session is gone is reset', (stream) => stream.session?.destroy(), 'reset', 'session_gone'],
    ['that refuses a stream resets it', (stream) => stream.close(7), 'reset', 'refused_stream'],
    [
      'whose session is gone inside an answer is reset',
      (stream) => {
        stream.respond({ ':status': 200, 'content-length': 100 });
        stream.write('half', () => setTimeout(() => stream.session?.destroy(), 20));
      },
      'reset',
      'session_gone',
    ],
    [
      'that refuses early is heard while the body is sent',
      (stream) => {
        stream.respond({ ':status': 413 });
        stream.end('{"error":{"code":"payload_too_large"}}');
      },
      'http_error',
      'payload_too_large',
    ],
    ['that never reads runs into the timeout', () => undefined, 'timeout', 'while_sending'],
  ];
  it.each(table)('%s, and the next request is answered', async (_, behave, outcome, errorCode) => {
    let streams = 0;
    server = await openHttp2Server({
      stream(stream) {
        stream.on('error', () => undefined);
        streams += 1;
        if (streams === 1) {
          behave(stream);
          return;
        }
        stream.resume();
        stream.on('end', () => {
          stream.respond({ ':status': 200 });
          stream.end('{}');
        });
      },
    });
    const rows = openRows([0, 500], { bytes: 3_000_000, timeoutMs: 400 });
    const { records } = await drive(server.url, rows, { ...trusted, durationMs: 520 });
    expect(records).toMatchObject([{ outcome, errorCode }, { outcome: 'ok' }]);
  });
});
