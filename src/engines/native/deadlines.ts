import type { Clock } from '../../base/clock.ts';
import { Places } from './places.ts';

const longestTimerMs = 2 ** 31 - 1;

/** Something that must not stay open for longer. */
export interface Waiter {
  readonly dueMs: number;
  onDue(): void;
}

/**
 * One timer for all that waits, set for the earliest of it that was known when it was set: a timer for each request
 * costs as much as to parse its reply, and nearly none of them ever fires.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #waiters = new Places<Waiter>();
  #timer: NodeJS.Timeout | null = null;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Gives the place with which it leaves, due or not. */
  add(waiter: Waiter): number {
    if (waiter.dueMs < this.#timerMs) {
      this.#setTimer(waiter.dueMs);
    }
    return this.#waiters.add(waiter);
  }

  leave(place: number): void {
    this.#waiters.leave(place);
  }

  #setTimer(atMs: number): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    this.#timerMs = atMs;
    const waitMs = Math.max(0, Math.ceil(atMs - this.#clock.nowMs()));
    this.#timer = setTimeout(() => this.#look(), Math.min(longestTimerMs, waitMs));
    // What it was set for may have ended long ago; what waits for an answer has a socket.
    this.#timer.unref();
  }

  /** Timers may fire a fraction of a millisecond early. */
  #look(): void {
    this.#timer = null;
    this.#timerMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    const nextMs = this.#waiters
      .held()
      .reduce((ms, { dueMs }) => (dueMs > nowMs ? Math.min(ms, dueMs) : ms), this.#timerMs);
    if (nextMs !== Number.POSITIVE_INFINITY) {
      this.#setTimer(nextMs);
    }
    // One that is told may let others go.
    for (const waiter of this.#waiters.stillHeld()) {
      if (waiter.dueMs <= nowMs) {
        waiter.onDue();
      }
    }
  }
}
