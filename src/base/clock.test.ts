import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { monotonicClock } from './clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const dayMs = 24 * 3_600_000;

describe('the monotonic clock', () => {
  it.each([
    ['a time that has passed', -5, 0],
    ['a second', 1000, 1000],
    ['a month, which is more than one timer of Node can wait', 31 * dayMs, 31 * dayMs],
    ['seven weeks, which takes two full timers', 49 * dayMs + 18 * 3_600_000, 49 * dayMs + 18 * 3_600_000],
  ])('sleeps until %s and no shorter', async (_what, untilMs, takesMs) => {
    const clock = monotonicClock();
    let isAwake = false;
    const slept = clock.sleepUntil(untilMs).then(() => {
      isAwake = true;
    });
    await vi.advanceTimersByTimeAsync(Math.max(0, takesMs - 10));
    expect(isAwake).toBe(takesMs === 0);
    await vi.advanceTimersByTimeAsync(20);
    await slept;
    expect(clock.nowMs()).toBeGreaterThanOrEqual(takesMs);
  });

  it('wakes at once where the signal is aborted, and leaves no timer', async () => {
    const clock = monotonicClock();
    const controller = new AbortController();
    const slept = clock.sleepUntil(40 * dayMs, controller.signal);
    controller.abort();
    await slept;
    await clock.sleepUntil(40 * dayMs, controller.signal);
    expect(vi.getTimerCount()).toBe(0);
  });
});
