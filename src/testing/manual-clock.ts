import type { Clock } from '../base/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on, wakes who slept until then, in order, and lets them run to their next sleep. */
  advance(ms: number): Promise<void>;
  /** Time passes and nobody is woken: what a blocked event loop looks like. */
  stall(ms: number): void;
}

/** Enough turns for a chain of awaits to come to rest. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Time that stands still until a test moves it. */
export function manualClock(): ManualClock {
  let nowMs = 0;
  let sleepers: { atMs: number; wake: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    sleepUntil(atMs, signal) {
      return new Promise((resolve) => {
        if (atMs <= nowMs || signal?.aborted === true) {
          resolve();
          return;
        }
        const sleeper = {
          atMs,
          wake: () => {
            signal?.removeEventListener('abort', sleeper.wake);
            sleepers = sleepers.filter((other) => other !== sleeper);
            resolve();
          },
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
      });
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const next = sleepers.toSorted((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined || next.atMs > untilMs) {
          break;
        }
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
        await settle();
      }
      nowMs = Math.max(nowMs, untilMs);
      await settle();
    },
    stall(ms) {
      nowMs += ms;
    },
  };
}
