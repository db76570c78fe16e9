import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { killedIn, tellKilled } from './killed.ts';

describe('whom the detail of a kill names', () => {
  it.each([
    {
      detail: '1 more, 1 in all; kernel log: killed node#101 with 5 bytes anonymous at the limit of /a; vanished: b#2',
      killed: [{ name: 'node', pid: 101 }],
    },
    {
      detail: 'kernel log: killed a (b) c#41 at the memory of the host; kernel log: killed d#42',
      killed: [
        { name: 'a (b) c', pid: 41 },
        { name: 'd', pid: 42 },
      ],
    },
    { detail: '1 more by the counter alone', killed: [] },
    { detail: '', killed: [] },
  ])('is read from "$detail"', ({ detail, killed }) => {
    expect(killedIn(detail)).toEqual(killed);
  });

  it('is any name that a process may have, but for the mark between parts', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), fc.nat(), (name, pid) => {
        fc.pre(!/[#;]/.test(name));
        expect(killedIn(`1 more; ${tellKilled({ name, pid })} at the limit of /a`)).toEqual([{ name, pid }]);
      }),
    );
    expect(killedIn(tellKilled({ name: 'a;b', pid: 1 }))).toEqual([{ name: 'a,b', pid: 1 }]);
  });
});
