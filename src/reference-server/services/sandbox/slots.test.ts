import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlots, slotsThatFit } from './slots.ts';

const mebibyte = 1024 ** 2;

describe('slotsThatFit', () => {
  const rows: readonly [why: string, slots: number, childMib: number, freeMib: number | null, fit: [number, number]][] =
    [
      ['no bound is known: what was asked for', 2, 512, null, [2, 512]],
      ['the incident: (704 - 80) / 512 is one', 2, 512, 624, [1, 512]],
      ['the old default of the incident: 4 x 200 under 256', 4, 200, 186, [1, 122]],
      ['room for more than asked: no more than asked', 2, 512, 8000, [2, 512]],
      ['800 MiB alone are too much: the program gets smaller', 2, 800, 624, [1, 560]],
      ['hardly anything: one that can start at least', 2, 512, 10, [1, 32]],
    ];
  it.each(rows)('%s', (_why, slots, childMib, freeMib, [fitSlots, fitMib]) => {
    const freeBytes = freeMib === null ? null : freeMib * mebibyte;
    expect(slotsThatFit({ slots, childBytes: childMib * mebibyte }, freeBytes)).toEqual({
      slots: fitSlots,
      childBytes: fitMib * mebibyte,
    });
  });

  it('never promises more than is free', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 64 }),
        fc.integer({ min: 16, max: 2048 }),
        fc.integer({ min: 96, max: 65_536 }),
        (n, childMib, freeMib) => {
          const fit = slotsThatFit({ slots: n + 1, childBytes: childMib * mebibyte }, freeMib * mebibyte);
          return fit.slots >= 1 && fit.slots <= n + 1 && fit.slots * fit.childBytes <= freeMib * mebibyte;
        },
      ),
    );
  });
});

describe('createSlots', () => {
  it('lets in as many as it has, and one more for each that left', () => {
    const slots = createSlots(2);
    const first = slots.take();
    expect(slots.take()).not.toBeNull();
    expect(slots.take()).toBeNull();
    first?.();
    first?.();
    expect(slots.taken()).toBe(1);
    expect(slots.take()).not.toBeNull();
    expect(slots.isFull()).toBe(true);
  });

  it('lets everybody in without a number', () => {
    const slots = createSlots(null);
    expect(Array.from({ length: 1000 }, () => slots.take())).not.toContain(null);
    expect(slots.isFull()).toBe(false);
  });
});
