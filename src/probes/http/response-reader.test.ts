import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createResponseReader } from './response-reader.ts';

interface Taken {
  status: number | null;
  body: string;
  state: string;
}

/** Reads it in pieces of so many bytes; the last piece may be shorter. */
function readIn(pieces: number, text: string): Taken {
  const taken: Taken = { status: null, body: '', state: '' };
  const reader = createResponseReader({
    status: (code) => {
      taken.status = code;
    },
    data: (bytes) => {
      taken.body += bytes.toString('latin1');
    },
  });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieces) {
    reader.read(bytes.subarray(at, at + pieces));
  }
  taken.state = reader.state;
  return taken;
}

const whole = [
  ['a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200, 'hello'],
  ['a name in small letters', 'HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello', 200, 'hello'],
  ['no body at all', 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n', 503, ''],
  ['a status without a reason', 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx', 200, 'x'],
  ['a status that has no body', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
  ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n', 200, 'abcde'],
  ['trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\n', 200, 'a'],
  [
    'a response that comes before',
    'HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
    200,
    'x',
  ],
] as const;

describe('createResponseReader', () => {
  it.each(whole)('reads %s, in whatever pieces it comes', (_why, text, status, body) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: text.length }), (pieces) => {
        expect(readIn(pieces, text)).toEqual({ status, body, state: 'whole' });
      }),
    );
  });

  it('goes on until the connection closes where no length is told', () => {
    expect(readIn(7, 'HTTP/1.0 200 OK\r\n\r\nall of it')).toEqual({
      status: 200,
      body: 'all of it',
      state: 'until close',
    });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', null],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n', 200],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', 200],
    ['a chunk that is longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n', 200],
    ['a head without an end', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(20_000)}`, null],
  ])('calls %s broken', (_why, text, status) => {
    expect(readIn(1000, text)).toMatchObject({ status, state: 'broken' });
  });

  it('waits for the rest of a body that is cut', () => {
    expect(readIn(100, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal').state).toBe('length');
  });
});
