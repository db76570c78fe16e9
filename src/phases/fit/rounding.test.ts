import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundDown, roundNear, roundUp } from './rounding.ts';

describe('rounding of parameters', () => {
  it.each([
    { value: 873.4, digits: 2, down: 870, near: 870, up: 880, why: 'two digits of hundreds' },
    { value: 0.3, digits: 2, down: 0.3, near: 0.3, up: 0.3, why: 'what binary cannot hold stays where it is' },
    { value: 1000, digits: 2, down: 1000, near: 1000, up: 1000, why: 'a power of ten is not taken for the one below' },
    { value: 99.6, digits: 2, down: 99, near: 100, up: 100, why: 'rounding may add a digit' },
    { value: 1_234_567, digits: 3, down: 1_230_000, near: 1_230_000, up: 1_240_000, why: 'bytes' },
    { value: 0, digits: 2, down: 0, near: 0, up: 0, why: 'nothing has no digits' },
  ])('of $value to $digits digits: $why', ({ value, digits, down, near, up }) => {
    expect([roundDown(value, digits), roundNear(value, digits), roundUp(value, digits)]).toEqual([down, near, up]);
  });

  it('never leaves the value on the wrong side, and what was rounded stays', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), fc.integer({ min: 1, max: 4 }), (value, digits) => {
        const down = roundDown(value, digits);
        expect(down).toBeLessThanOrEqual(value);
        expect(roundUp(value, digits)).toBeGreaterThanOrEqual(value);
        expect([roundDown(down, digits), roundUp(down, digits)]).toEqual([down, down]);
      }),
    );
  });
});
