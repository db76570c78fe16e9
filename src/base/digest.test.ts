import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './digest.ts';

/** The plain definition: slow, since it is asked about every value. */
function byReplacer(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    held !== null && typeof held === 'object' && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}

describe('canonicalJson', () => {
  it.each([
    {
      why: 'keys are sorted at every depth',
      value: { b: [{ d: 1, c: 2 }], a: null },
      text: '{"a":null,"b":[{"c":2,"d":1}]}',
    },
    { why: 'lists keep their order', value: [3, 1, [2, 'b', 'a']], text: '[3,1,[2,"b","a"]]' },
    { why: 'what is undefined is left out', value: { a: undefined, b: 1 }, text: '{"b":1}' },
    { why: 'what is undefined in a list is null', value: [undefined, 1], text: '[null,1]' },
    {
      why: 'what says how it is written is asked',
      value: { at: new Date(0) },
      text: '{"at":"1970-01-01T00:00:00.000Z"}',
    },
    { why: 'a plain value stays', value: 'x', text: '"x"' },
  ])('$why', ({ value, text }) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('is the same text whatever the order of keys, and that of the plain definition', () => {
    fc.assert(
      fc.property(fc.object({ withDate: true, withNullPrototype: true }), (value) => {
        expect(canonicalJson(value)).toBe(byReplacer(value));
        expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(canonicalJson(value));
      }),
    );
  });
});
