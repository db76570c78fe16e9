import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelHeldFor, levelWithin } from './traits.ts';

describe('levelWithin', () => {
  const steps = { tMs: Float64Array.of(0, 1000, 3000, 4000), values: Float64Array.of(0, 2, 4, 0) };

  it.each([
    { why: 'time with nothing in flight is left out of the mean', span: [0, 8000], level: { mean: 8 / 3, highest: 4 } },
    { why: 'a step before the span goes on into it', span: [2000, 3000], level: { mean: 2, highest: 2 } },
    { why: 'nothing was in flight', span: [5000, 6000], level: null },
  ])('$why', ({ span: [startMs = 0, endMs = 0], level }) => {
    expect(levelWithin(steps, steps, { startMs, endMs })).toEqual(level);
  });
});

describe('levelHeldFor', () => {
  const steps = {
    tMs: Float64Array.of(0, 1000, 3000, 4000, 5000, 5100),
    values: Float64Array.of(0, 2, 4, 2, 9, 0),
  };

  it.each([
    { why: 'a peak that is too short does not count by itself', span: [0, 8000], leastMs: 1000, level: 4 },
    { why: 'time at a higher level counts for the lower one', span: [0, 8000], leastMs: 4000, level: 2 },
    { why: 'it may be held in parts', span: [0, 8000], leastMs: 1100, level: 4 },
    { why: 'a step before the span goes on into it', span: [2000, 3000], leastMs: 1000, level: 2 },
    { why: 'nothing was in flight for as long', span: [0, 8000], leastMs: 4200, level: 0 },
    { why: 'the span is shorter than asked for', span: [3000, 4000], leastMs: 2000, level: 0 },
    { why: 'the span is empty', span: [3000, 3000], leastMs: 1, level: 0 },
  ])('$why', ({ span: [startMs = 0, endMs = 0], leastMs, level }) => {
    expect(levelHeldFor(steps, { startMs, endMs }, leastMs)).toBe(level);
  });

  it('is never above the highest, and falls as it is asked for longer', () => {
    const step = fc.record({ forMs: fc.integer({ min: 1, max: 5000 }), value: fc.nat({ max: 64 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.nat(5000), fc.nat(5000), (parts, a, b) => {
        const tMs = Float64Array.from(
          parts.map((_, at) => parts.slice(0, at).reduce((sum, one) => sum + one.forMs, 0)),
        );
        const values = Float64Array.from(parts.map(({ value }) => value));
        const span = { startMs: 0, endMs: parts.reduce((sum, one) => sum + one.forMs, 0) };
        const [short, long] = [a, b]
          .map((leastMs) => levelHeldFor({ tMs, values }, span, leastMs))
          .toSorted((x, y) => y - x);
        expect(levelHeldFor({ tMs, values }, span, Math.min(a, b))).toBe(short);
        expect(levelHeldFor({ tMs, values }, span, Math.max(a, b))).toBe(long);
        expect(short).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
  });
});
