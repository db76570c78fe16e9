import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from './printable.ts';

describe('printable', () => {
  it.each([
    ['\u001b[2Jwiped', '\\u001b[2Jwiped'],
    ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['one\rtwo', 'one\\u000dtwo'],
    ['\u009b31mred', '\\u009b31mred'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['\u001b[31mred\u001b[39m', '\\u001b[31mred\\u001b[39m'],
    ['two\nlines\tand a tab, ä € 😀', 'two\nlines\tand a tab, ä € 😀'],
  ])('shows %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('keeps our own colours where colours are on, and no other sequence', () => {
    expect(printable('\u001b[31mfail\u001b[39m \u001b[8mhidden\u001b[0m', true)).toBe(
      '\u001b[31mfail\u001b[39m \\u001b[8mhidden\\u001b[0m',
    );
  });

  it('leaves the content of JSON as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(printable(JSON.stringify({ text })))).toEqual({ text });
      }),
    );
  });
});
