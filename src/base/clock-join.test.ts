import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClockJoiner, createClockJoiner } from './clock-join.ts';

interface World {
  offsetMs: number;
  driftPpm: number;
  /** Added to each way, drawn anew for every exchange. */
  jitterMs: number;
  /** How much of the jitter falls on the way there: 0.5 is symmetric. */
  wayThere: number;
  durationSeconds: number;
  outage: { fromSecond: number; seconds: number };
}

const wireMs = 0.2;

/** A clock beside ours, and a wire that delays: everything that the joiner cannot see. */
function simulate(world: World, random: () => number): { joiner: ClockJoiner; otherAt(ourMs: number): number } {
  const otherAt = (ourMs: number): number => ourMs + world.offsetMs + (world.driftPpm / 1e6) * ourMs;
  const joiner = createClockJoiner();
  const exchange = (sentMs: number): void => {
    const there = wireMs + world.jitterMs * 2 * world.wayThere * random() ** 4;
    const back = wireMs + world.jitterMs * 2 * (1 - world.wayThere) * random() ** 4;
    joiner.add({ sentMs, otherMs: otherAt(sentMs + there), receivedMs: sentMs + there + back });
  };
  for (let index = 0; index < 8; index += 1) {
    exchange(index * 100);
  }
  for (let second = 1; second <= world.durationSeconds; second += 1) {
    const sinceMs = second - world.outage.fromSecond;
    if (sinceMs < 0 || sinceMs >= world.outage.seconds) {
      exchange(second * 1000);
    }
  }
  return { joiner, otherAt };
}

const worlds = fc.record({
  offsetMs: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  driftPpm: fc.double({ min: -100, max: 100, noNaN: true }),
  jitterMs: fc.double({ min: 0, max: 30, noNaN: true }),
  wayThere: fc.double({ min: 0, max: 1, noNaN: true }),
  durationSeconds: fc.integer({ min: 5, max: 400 }),
  outage: fc.record({ fromSecond: fc.integer({ min: 2, max: 300 }), seconds: fc.integer({ min: 0, max: 120 }) }),
});

/** Seeded, so that a world that failed is the same world again. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('two clocks', () => {
  it('are joined within 20 ms whatever the drift up to 100 ppm, the jitter and the outages', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 1e9 }), (world, seed) => {
        const { joiner, otherAt } = simulate(world, randomOf(seed));
        for (let ourMs = 0; ourMs <= world.durationSeconds * 1000; ourMs += 2500) {
          const joined = joiner.toOurMs(otherAt(ourMs)) ?? Number.NaN;
          expect(Math.abs(joined - ourMs)).toBeLessThan(20);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('that keep the same pace are joined as exactly as the shortest round trip and a drift of 100 ppm allow', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 1e9 }), (drifting, seed) => {
        const { joiner, otherAt } = simulate({ ...drifting, driftPpm: 0, durationSeconds: 8 }, randomOf(seed));
        const line = joiner.line();
        const error = Math.abs((line?.offsetMs ?? Number.NaN) - drifting.offsetMs);
        // A nearer exchange may be trusted more than the shortest one by what an unknown clock may drift: 100 ppm of 8 s.
        expect(error).toBeLessThanOrEqual((line?.uncertaintyMs ?? Number.NaN) + 0.8);
        expect(joiner.toOurMs(otherAt(0))).not.toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [100, 300, 'a bad crystal over five minutes'],
    [-100, 300, 'the same, slow'],
    [100, 3600, 'blocks have doubled six times'],
    [0, 300, 'none'],
  ])('of %d ppm drift over %d s have that drift found within 2 ppm: %s', (driftPpm, durationSeconds) => {
    const outage = { fromSecond: 60, seconds: 20 };
    const world = { offsetMs: 5e6, driftPpm, jitterMs: 2, wayThere: 0.7, durationSeconds, outage };
    const { joiner } = simulate(world, randomOf(7));
    expect(Math.abs((joiner.line()?.driftPpm ?? Number.NaN) - driftPpm)).toBeLessThan(2);
    expect(Math.abs((joiner.line()?.offsetMs ?? Number.NaN) - 5e6)).toBeLessThan(2);
  });

  it.each([
    [{ sentMs: 0, otherMs: Number.NaN, receivedMs: 1 }, 'no number'],
    [{ sentMs: 0, otherMs: Number.POSITIVE_INFINITY, receivedMs: 1 }, 'not finite'],
    [{ sentMs: 5, otherMs: 200, receivedMs: 4 }, 'an answer before its question'],
    [{ sentMs: 5, otherMs: 99, receivedMs: 6 }, 'a monotonic clock never runs backwards'],
  ])('leave out an exchange that cannot be: %o, %s', (exchange) => {
    const joiner = createClockJoiner();
    expect(joiner.add({ sentMs: 0, otherMs: 100, receivedMs: 1 })).toBe(true);
    expect(joiner.add(exchange)).toBe(false);
    expect(joiner.line()).toEqual({ offsetMs: 99.5, driftPpm: 0, uncertaintyMs: 0.5, exchanges: 1 });
  });

  it('that were never compared have no line', () => {
    const joiner = createClockJoiner();
    expect(joiner.line()).toBeNull();
    expect(joiner.toOurMs(5)).toBeNull();
  });
});
