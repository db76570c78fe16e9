import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallAdapter, StreamReader } from '../../model/adapter.ts';
import { openRows, rawAdapter } from '../../testing/contract-rows.ts';
import { drive } from './drive.fixture.ts';

/** Events `word` are content; the stream is good if one named `end` came. */
function wordReader(): StreamReader {
  let hasEnded = false;
  return {
    event(name, data) {
      hasEnded ||= name === 'end';
      return name === 'word' && data !== '' ? 'content' : 'other';
    },
    judge: () => {
      const seen = { check: 'none', answerDigest: null, route: null, outputTokens: 7 } as const;
      return hasEnded ? { ok: true, ...seen } : { ok: false, ...seen, code: 'short_stream', detail: 'no end' };
    },
  };
}

const adapter: CallAdapter = { ...rawAdapter, readStream: wordReader };

describe('a streamed reply', () => {
  let close: (() => void) | null = null;
  afterEach(() => close?.());

  async function serve(answer: (response: ServerResponse) => void, status = 200): Promise<URL> {
    const server = createServer((request, response) => {
      request.resume();
      request.once('end', () => {
        response.writeHead(status, { 'content-type': 'text/event-stream; charset=utf-8', 'x-route': 'b' });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => {
      server.close();
      server.closeAllConnections();
    };
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  /** Pieces that leave one after the other, 40 ms apart. */
  function slowly(pieces: readonly string[], after: (response: ServerResponse) => void) {
    return (response: ServerResponse): void => {
      const [first, ...others] = pieces;
      if (first === undefined) {
        after(response);
        return;
      }
      response.write(first);
      setTimeout(() => slowly(others, after)(response), 40);
    };
  }

  const end = (response: ServerResponse): unknown => response.end();
  const whole = [
    'event: ping\ndata: 1\n\n',
    'event: wo',
    'rd\ndata: hello\n\nevent: word\ndata: b\n\n',
    'event: end\ndata: x\n\n',
  ];

  it('is read event by event, its first content is the first token, and the reader judges it', async () => {
    const url = await serve(slowly(whole, end));
    const { records } = await drive(url, openRows([0]), { adapter });
    const [record] = records;
    expect(record).toMatchObject({ outcome: 'ok', events: 4, outputTokens: 7, route: 'b', status: 200 });
    expect((record?.firstContentMs ?? 0) - (record?.firstByteMs ?? 0)).toBeGreaterThanOrEqual(60);
    expect((record?.endMs ?? 0) - (record?.firstContentMs ?? 0)).toBeGreaterThanOrEqual(30);
  });

  it('that ends too soon is an error that the status hides', async () => {
    const url = await serve(slowly(whole.slice(0, 3), end));
    const { records } = await drive(url, openRows([0]), { adapter });
    expect(records).toMatchObject([{ outcome: 'semantic_error', errorCode: 'short_stream', events: 3 }]);
  });

  it('that goes idle is ended by the timeout of its request', async () => {
    const url = await serve(slowly(whole.slice(0, 1), () => undefined));
    const { records } = await drive(url, openRows([0], { timeoutMs: 200 }), { adapter });
    expect(records).toMatchObject([
      { outcome: 'timeout', errorCode: 'while_streaming', events: 1, firstContentMs: null, check: 'none' },
    ]);
  });

  it('whose connection is cut is closed early, and keeps the count of what came', async () => {
    const url = await serve(slowly(whole.slice(0, 3), (response) => response.destroy()));
    const { records } = await drive(url, openRows([0]), { adapter });
    expect(records).toMatchObject([{ outcome: 'closed_early', errorCode: 'short_body', events: 3 }]);
  });

  it.each([
    ['an adapter that reads no streams', rawAdapter, 200, 'ok'],
    ['a refusal', adapter, 503, 'http_error'],
  ] as const)('is a plain body for %s', async (_, used, status, outcome) => {
    const url = await serve(end, status);
    const { records } = await drive(url, openRows([0]), { adapter: used });
    expect(records).toMatchObject([{ outcome, events: null, outputTokens: null }]);
  });

  it('whose reader throws is our failure, after its record', async () => {
    const url = await serve(slowly(whole, end));
    const broken: CallAdapter = {
      ...rawAdapter,
      readStream: () => ({
        event() {
          throw new Error('our bug');
        },
        judge: () => wordReader().judge(),
      }),
    };
    await expect(drive(url, openRows([0]), { adapter: broken })).rejects.toThrow('our bug');
  });
});
