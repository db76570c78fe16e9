import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplyHead } from './internals.ts';
import { HeadReader } from './read-head.ts';

const head = (headers: readonly string[], shouldKeepAlive = true): ReplyHead => ({
  statusCode: 200,
  headers,
  shouldKeepAlive,
});
const read = (...headers: string[]) => new HeadReader().read(head(headers));

describe('HeadReader', () => {
  it.each([
    ['names in lower case', ['Content-Type', 'text/plain'], { 'content-type': 'text/plain' }],
    ['one of a name that comes twice', ['A', '1', 'a', '2'], { a: '1, 2' }],
    ['no value where the list ends with a name', ['A', '1', 'B'], { a: '1' }],
    ['nothing of no header', [], {}],
    ['a word that every object has', ['constructor', '1', 'valueOf', '2'], { constructor: '1', valueof: '2' }],
  ])('gives %s', (_what, list, headers) => {
    expect({ ...read(...list).headers }).toEqual(headers);
  });

  it.each([
    ['timeout=5, max=100', 5],
    ['max=100, timeout=75', 75],
    ['timeout=5000000000', 500_000_000],
    ['timeout=-5', null],
    ['timeout=', null],
    ['max=100', null],
  ])('reads for how long a connection is kept: %s', (value, seconds) => {
    expect(read('Keep-Alive', value).keptForSeconds).toBe(seconds);
  });

  it('gives null where the server does not say how long', () => {
    expect(read('a', 'b').keptForSeconds).toBeNull();
  });

  it('reads a head like the last one once', () => {
    const reader = new HeadReader();
    const first = reader.read(head(['a', '1']));
    expect(reader.read(head(['a', '1']))).toBe(first);
  });

  it.each([
    ['another value', head(['a', '2'])],
    ['another name', head(['b', '1'])],
    ['one more', head(['a', '1', 'b', '2'])],
    ['one less', head([])],
    ['an end of the connection', head(['a', '1'], false)],
  ])('reads a head anew that differs by %s', (_what, other) => {
    const reader = new HeadReader();
    const first = reader.read(head(['a', '1']));
    const second = reader.read(other);
    expect(second).not.toBe(first);
    expect(second.keepsConnection).toBe(other.shouldKeepAlive);
    expect(reader.read(other)).toBe(second);
  });

  it('gives texts by name for any head', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'keep-alive', 'timeout=1'));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 9 }), (list) => {
        const { headers, keptForSeconds } = read(...list);
        expect(Object.values(headers).every((value) => typeof value === 'string')).toBe(true);
        const names = list
          .filter((_name, at) => at % 2 === 0 && at + 1 < list.length)
          .map((name) => name.toLowerCase());
        expect(Object.keys(headers).toSorted()).toEqual([...new Set(names)].toSorted());
        expect(Object.values(headers).join()).not.toContain('native code');
        expect(keptForSeconds === null || keptForSeconds >= 0).toBe(true);
      }),
    );
  });
});
