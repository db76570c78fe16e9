import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndedWindow } from './ended-window.ts';

const windowMs = 20_000;

interface Ended {
  endMs: number;
  latencyMs: number;
}

const anyEnded = fc.record({
  endMs: fc.integer({ min: 0, max: 40_000 }),
  latencyMs: fc.oneof(fc.double({ min: 0.01, max: 1e6, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
});

function filled(all: readonly Ended[], boundMs: number): EndedWindow {
  const window = new EndedWindow(windowMs, [boundMs]);
  for (const { endMs, latencyMs } of all) {
    window.add(endMs, latencyMs);
  }
  return window;
}

function nearestRank(latenciesMs: readonly number[]): number {
  const sorted = Float64Array.from(latenciesMs).sort();
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}

describe('requests that ended in a window', () => {
  it('are counted exactly where the window begins with a slice, and their p95 is told to 1 %', () => {
    fc.assert(
      fc.property(fc.array(anyEnded), fc.double({ min: 0, max: 1e6, noNaN: true }), (all, boundMs) => {
        const fromMs = 20_000;
        const inside = all.filter(({ endMs }) => endMs >= fromMs).map(({ latencyMs }) => latencyMs);
        const told = filled(all, boundMs).since(fromMs);
        expect(told.ended).toBe(inside.length);
        expect(told.failed).toBe(inside.filter((ms) => ms === Number.POSITIVE_INFINITY).length);
        expect(told.slow.get(boundMs) ?? 0).toBe(inside.filter((ms) => ms > boundMs).length);
        const p95Ms = nearestRank(inside);
        if (Number.isFinite(p95Ms)) {
          expect(Math.abs(told.p95Ms / p95Ms - 1)).toBeLessThan(0.0101);
        } else {
          expect(told.p95Ms).toBe(p95Ms);
        }
      }),
    );
  });

  it.each([
    ['one slice more at most', 10_049, 1],
    ['none that ended before it', 10_051, 0],
  ])('counts %s', (_, fromMs, ended) => {
    expect(filled([{ endMs: 10_049, latencyMs: 1 }], 1).since(fromMs).ended).toBe(ended);
  });

  it('keeps nothing of what it has forgotten', () => {
    const window = filled([{ endMs: 10_000, latencyMs: 1 }], 1);
    window.forget(10_050);
    expect(window.since(0).ended).toBe(0);
  });
});
