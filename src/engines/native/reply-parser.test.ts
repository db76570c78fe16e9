import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError, ReplyParser } from './reply-parser.ts';

interface Read {
  statuses: number[];
  headers: Readonly<Record<string, string>>;
  body: string;
  isDone: boolean;
  keepsConnection: boolean;
}

function read(pieces: readonly Buffer[], isEnded = false): Read {
  const statuses: number[] = [];
  const body: Buffer[] = [];
  let headers: Read['headers'] = {};
  const parser = new ReplyParser({
    head(status, given) {
      statuses.push(status);
      headers = given;
    },
    data: (chunk) => body.push(Buffer.from(chunk)),
  });
  for (const piece of pieces) {
    parser.push(piece);
  }
  if (isEnded) {
    parser.finish();
  }
  const { isDone, keepsConnection } = parser;
  return { statuses, headers, body: Buffer.concat(body).toString('latin1'), isDone, keepsConnection };
}

function reply(text: string): Buffer {
  return Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1');
}

const counted = 'HTTP/1.1 200 OK\ncontent-length: 5\n\nhello';
const chunked = 'HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n3;name=x\nhel\n2\nlo\n0\nx-sum: 1\n\n';

describe('a reply of HTTP/1.1', () => {
  it.each([
    ['with a length', counted, 'hello', true],
    ['in chunks, with an extension and a trailer', chunked, 'hello', true],
    ['behind interim replies', `HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early\nlink: x\n\n${counted}`, 'hello', true],
    ['without a reason', 'HTTP/1.1 200\ncontent-length: 0\n\n', '', true],
    ['that has no body by its status', 'HTTP/1.1 204 No Content\n\n', '', true],
    ['after which the server closes', `HTTP/1.1 200 OK\nConnection: Close\ncontent-length: 1\n\nx`, 'x', false],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\ncontent-length: 1\n\nx', 'x', false],
    ['of HTTP/1.0 that keeps', 'HTTP/1.0 200 OK\nconnection: keep-alive\ncontent-length: 1\n\nx', 'x', true],
    ['with bytes behind it', `${counted}more`, 'hello', false],
    ['with one length twice', 'HTTP/1.1 200 OK\ncontent-length: 1\ncontent-length: 1\n\nx', 'x', true],
    ['with chunks and a length', `HTTP/1.1 200 OK\ncontent-length: 9\n${chunked.slice(16)}`, 'hello', true],
  ])('%s is whole', (_, text, body, keepsConnection) => {
    expect(read([reply(text)])).toMatchObject({ body, isDone: true, keepsConnection });
  });

  it.each([
    ['a length that is not reached', 'HTTP/1.1 200 OK\ncontent-length: 6\n\nhello', false],
    ['chunks without the last', 'HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n5\nhello\n', false],
    ['a head that is cut', 'HTTP/1.1 200 OK\ncontent-len', false],
    ['no length at all, so that the close is the end', 'HTTP/1.1 200 OK\n\nhello', true],
  ])('%s: at the end of the connection it is whole: %s', (_, text, isDone) => {
    expect(read([reply(text)], true)).toMatchObject({ isDone, keepsConnection: false });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH'],
    ['a byte that no reply begins with', '\u0000'],
    ['a version that is not ours', 'HTTP/2.0 200 OK\n\n'],
    ['no status', 'HTTP/1.1 ok\n\n'],
    ['a change of protocol that nobody asked for', 'HTTP/1.1 101 Switching\n\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\nno colon\n\n'],
    ['two lengths', 'HTTP/1.1 200 OK\ncontent-length: 1\ncontent-length: 2\n\n'],
    ['a negative length', 'HTTP/1.1 200 OK\ncontent-length: -1\n\n'],
    ['a chunk without a length', 'HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\nxyz\n'],
    ['a chunk longer than it says', 'HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n2\nhello\n'],
    ['a head without an end', `HTTP/1.1 200 OK\nx: ${'x'.repeat(70_000)}`],
    ['a line of chunks without an end', `HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n1;${'x'.repeat(9000)}`],
  ])('is refused for %s', (_, text) => {
    expect(() => read([reply(text)])).toThrow(ProtocolError);
  });

  it('joins a header that comes more than once, and knows names in any case', () => {
    const { headers } = read([reply('HTTP/1.1 200 OK\nX-A: 1\nx-a:  2 \ncontent-length: 0\n\n')]);
    expect(headers['x-a']).toBe('1, 2');
  });

  it('gives headers their own values, also those that are called like a word that every object has', () => {
    const { headers } = read([reply('HTTP/1.1 200 OK\nConstructor: 1\n__proto__: 2\ncontent-length: 0\n\n')]);
    expect(Object.entries(headers)).toEqual([
      ['constructor', '1'],
      ['__proto__', '2'],
      ['content-length', '0'],
    ]);
  });

  it('says how long an idle connection is kept', () => {
    const parser = new ReplyParser({ head: () => undefined, data: () => undefined });
    parser.push(reply('HTTP/1.1 200 OK\nkeep-alive: timeout=5, max=9\ncontent-length: 0\n\n'));
    expect(parser.keptForSeconds).toBe(5);
  });

  it('is the same however its bytes are split', () => {
    const texts = fc.constantFrom(counted, chunked, `HTTP/1.1 100 Continue\n\n${chunked}`);
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (text, sizes) => {
        const bytes = reply(text);
        const pieces: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(read(pieces)).toEqual(read([bytes]));
      }),
    );
  });

  it('throws nothing but a protocol error for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, hasHead) => {
        const head = hasHead ? [reply('HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n')] : [];
        try {
          read([...head, Buffer.from(bytes)], true);
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
