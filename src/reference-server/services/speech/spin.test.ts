import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createSpin } from './spin.ts';

/** A clock that is read again and again moves on by a tick each time. */
function tickingClock(tickMs: number): { now: () => number; leap(ms: number): void; readonly atMs: number } {
  let ms = 0;
  return {
    now: () => {
      ms += tickMs;
      return ms;
    },
    leap: (by) => {
      ms += by;
    },
    get atMs() {
      return ms;
    },
  };
}

const settings = { bytesPerSpin: 235, spinsPerSecond: 80_000, mostKeptBytes: 1024 ** 3 };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('createSpin', () => {
  it.each([
    ['a fast clock', 0.0001],
    ['a slow clock', 0.003],
  ])('turns as often as it is told by %s', (_why, tickMs) => {
    const clock = tickingClock(tickMs);
    const spin = createSpin(settings, clock.now);
    for (let turn = 0; turn < 8000; turn += 1) {
      spin.turn();
    }
    expect(clock.atMs).toBeGreaterThan(99);
    expect(clock.atMs).toBeLessThan(101);
    expect(spin.keptBytes).toBe(8000 * 235);
  });

  it('catches up what it was kept from, but no more than a second', () => {
    const clock = tickingClock(0.0001);
    const spin = createSpin({ ...settings, spinsPerSecond: 1000 }, clock.now);
    spin.turn();
    clock.leap(60_000);
    const startMs = clock.atMs;
    for (let turn = 0; turn < 1000; turn += 1) {
      spin.turn();
    }
    expect(clock.atMs - startMs).toBeLessThan(1);
    spin.turn();
    spin.turn();
    expect(clock.atMs - startMs).toBeGreaterThan(0.9);
  });

  it('holds what it keeps in real memory, and nothing more beyond its bound', () => {
    // What the tests before have left behind must not be collected in between. V8 frees buffers in another thread; a
    // second collection waits until the first one's are gone.
    collectGarbage();
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const clock = tickingClock(1);
    const spin = createSpin({ bytesPerSpin: 300_000, spinsPerSecond: 1e6, mostKeptBytes: 10_000_000 }, clock.now);
    for (let turn = 0; turn < 1000; turn += 1) {
      spin.turn();
    }
    expect(spin.keptBytes).toBe(9_900_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(9_900_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_000_000);
    spin.turn();
    expect(spin.keptBytes).toBe(9_900_000);
  });

  it.each([
    ['nothing is kept', 0, 0],
    ['a spin larger than a block', 3_000_000, 6_000_000],
  ])('%s', (_why, bytesPerSpin, keptBytes) => {
    const spin = createSpin({ ...settings, bytesPerSpin }, tickingClock(1).now);
    spin.turn();
    spin.turn();
    expect(spin.keptBytes).toBe(keptBytes);
  });
});
