import type { Clock } from './clock.ts';

interface Sleeper {
  atMs: number;
  wake(): void;
}

/**
 * Time that jumps to the next sleeper as soon as nobody has anything left to do: hours pass in the time that their
 * events take. Sleepers of one instant wake in the order in which they fell asleep. Only for code that waits for
 * nothing but this clock.
 */
export function virtualClock(): Clock {
  const sleepers: Sleeper[] = [];
  let nowMs = 0;
  let isJumping = false;

  const jump = (): void => {
    const next = sleepers.shift();
    isJumping = sleepers.length > 0;
    if (next !== undefined) {
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
    }
    if (isJumping) {
      setImmediate(jump);
    }
  };
  const add = (sleeper: Sleeper): void => {
    sleepers.splice(placeOf(sleepers, sleeper.atMs), 0, sleeper);
    if (!isJumping) {
      isJumping = true;
      // Behind every promise that is ready, so that whoever goes on now can fall asleep first.
      setImmediate(jump);
    }
  };
  return {
    nowMs: () => nowMs,
    sleepUntil(atMs, signal) {
      return new Promise((resolve) => {
        if (atMs <= nowMs || signal?.aborted === true) {
          resolve();
          return;
        }
        const onAbort = (): void => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          resolve();
        };
        const sleeper: Sleeper = {
          atMs,
          wake() {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        add(sleeper);
      });
    },
  };
}

/** Behind all that wake no later. */
function placeOf(sleepers: readonly Sleeper[], atMs: number): number {
  let low = 0;
  let high = sleepers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sleepers[middle]?.atMs ?? 0) <= atMs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
