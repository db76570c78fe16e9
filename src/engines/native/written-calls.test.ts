import { describe, expect, it } from 'vitest';
import type { CorpusItem } from '../../model/corpus.ts';
import type { ClientManners } from '../../model/profile.ts';
import type { Call } from './carrier.ts';
import { WrittenCalls } from './written-calls.ts';

const body = Buffer.from('{"a":"é"}');
const call = (over: Partial<Call> = {}): Call => ({
  method: 'POST',
  path: '/v1/x?q=1',
  headers: { 'content-length': String(body.length) },
  segments: [{ bytes: body }],
  bytes: body.length,
  client: null,
  isKept: true,
  ...over,
});
const written = (): WrittenCalls => new WrittenCalls(new URL('http://127.0.0.1:8000/base'));
const client = { uploadBytesPerSecond: 10 } as unknown as ClientManners;

describe('WrittenCalls', () => {
  it('writes head and body as HTTP/1.1 has them', () => {
    const head = `POST /v1/x?q=1 HTTP/1.1\r\nhost: 127.0.0.1:8000\r\nconnection: keep-alive\r\ncontent-length: ${body.length}\r\n\r\n`;
    const one = written().of(call());
    expect(one.head).toBe(head);
    expect(one.whole().toString()).toBe(`${head}${body.toString()}`);
    const whole = one.whole();
    expect(one.whole()).toBe(whole);
  });

  it('lets a user name the host and how the connection ends', () => {
    const { head } = written().of(call({ headers: { host: 'a', connection: 'close' } }));
    expect(head).toBe('POST /v1/x?q=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  });

  it.each([
    ['a line end in a value', { 'x-a': '1\r\nx-b: 2' }],
    ['a blank in a name', { 'x a': '1' }],
    ['a name of no letter', { '': '1' }],
    ['a sign beyond Latin 1', { 'x-a': '\u2713' }],
  ])('throws for %s', (_what, headers) => {
    expect(() => written().of(call({ headers }))).toThrow();
  });

  it.each([
    ['64 KiB leave with their head', {}, 64 * 1024, true],
    ['more does not', {}, 64 * 1024 + 1, false],
    ['a client with manners of its own sends by itself', { client }, 10, false],
  ])('knows that %s', (_what, over, bytes, isSmall) => {
    expect(written().of(call({ ...over, bytes })).isSmall).toBe(isSmall);
  });

  it.each([
    ['a call that comes again', {}, true],
    ['a call that does not come again', { isKept: false }, false],
    ['a call with a long body', { bytes: 65 * 1024 }, false],
  ])('keeps what it wrote of %s: %#', (_what, over, isSame) => {
    const calls = written();
    const one = call(over);
    const first = calls.of(one);
    expect(calls.of(one) === first).toBe(isSame);
  });

  it('keeps 8 MiB, and writes what comes then anew', () => {
    const calls = written();
    const many = Array.from({ length: 140 }, () => call({ bytes: 60 * 1024 }));
    const first = many.map((one) => calls.of(one));
    const again = many.map((one) => calls.of(one));
    const kept = first.filter((one, at) => one === again[at]).length;
    expect(kept).toBeGreaterThan(130);
    expect(kept).toBeLessThan(140);
  });

  it('throws what the source of a body throws, and only when the body is asked for', () => {
    const item = {
      bytes: 4,
      *chunks() {
        yield new Uint8Array(2);
        throw new Error('the source is broken');
      },
    } as unknown as CorpusItem;
    const one = written().of(call({ segments: [{ item }], bytes: 4 }));
    expect(() => one.whole()).toThrow('the source is broken');
  });
});
