import type { Clock } from './clock.ts';

interface Sleeper {
  atMs: number;
  wake(): void;
}

/** Time that jumps. Whoever needs no promise, as for thousands of timeouts that never come, is called instead. */
export interface VirtualClock extends Clock {
  /** Calls at that time, or as soon as nobody has anything left to do if it is past. What it returns takes that back. */
  callAt(atMs: number, call: () => void): () => void;
}

/**
 * Time that jumps to the next sleeper as soon as nobody has anything left to do: hours pass in the time that their
 * events take. Sleepers of one instant wake in the order in which they fell asleep. Only for code that waits for
 * nothing but this clock.
 */
export function virtualClock(): VirtualClock {
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
  /** From behind those of its instant: a search from the front would pass all that wake before it. */
  const remove = (sleeper: Sleeper): void => {
    const place = sleepers.lastIndexOf(sleeper, placeOf(sleepers, sleeper.atMs) - 1);
    if (place >= 0) {
      sleepers.splice(place, 1);
    }
  };
  return {
    nowMs: () => nowMs,
    callAt(atMs, call) {
      const sleeper: Sleeper = { atMs, wake: call };
      add(sleeper);
      return () => remove(sleeper);
    },
    sleepUntil(atMs, signal) {
      return new Promise((resolve) => {
        if (atMs <= nowMs || signal?.aborted === true) {
          resolve();
          return;
        }
        const onAbort = (): void => {
          remove(sleeper);
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
