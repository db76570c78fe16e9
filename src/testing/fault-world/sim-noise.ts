import type { Random } from '../../base/random.ts';

const mib = 1024 ** 2;
/** The sawtooth of a collector: how high it goes, and how long it takes to. A resting heap fills slowly. */
const busyGarbage = { bytes: 14 * mib, periodMs: 21_000 };
const restingGarbage = { bytes: 4 * mib, periodMs: 75_000 };
const jitterRatio = 0.002;
const roundTripMs = 4;
/** Above this share of the limit the kernel reclaims in the way of whoever allocates. */
const stallsFromRatio = 0.97;
const stalledShare = 0.05;

/** What no fault does and every real run shows: garbage, rounding, page cache, round trips that differ. */
export class SimNoise {
  readonly #random: Random;
  #filledRatio: number;
  #lastMs = 0;
  #cacheBytes: number;

  constructor(random: Random) {
    this.#random = random;
    this.#filledRatio = random.real();
    this.#cacheBytes = (20 + 60 * random.real()) * mib;
  }

  /** Garbage on the heap of the front at this time. */
  garbageBytes(tMs: number, isLoaded: boolean): number {
    const { bytes, periodMs } = isLoaded ? busyGarbage : restingGarbage;
    this.#filledRatio += ((tMs - this.#lastMs) / periodMs) * (0.5 + this.#random.real());
    this.#lastMs = tMs;
    if (this.#filledRatio >= 1) {
      this.#filledRatio = 0.1 * this.#random.real();
    }
    return bytes * this.#filledRatio;
  }

  jittered(bytes: number): number {
    return bytes * (1 + jitterRatio * (2 * this.#random.real() - 1));
  }

  /** A walk between 16 and 96 MiB. */
  cacheBytes(): number {
    const next = this.#cacheBytes + (this.#random.real() - 0.5) * 4 * mib;
    this.#cacheBytes = Math.min(96 * mib, Math.max(16 * mib, next));
    return this.#cacheBytes;
  }

  roundTripMs(): number {
    return roundTripMs * (0.5 + this.#random.real() + (this.#random.real() < 0.02 ? 10 : 0));
  }

  /** Microseconds in which all waited for memory. */
  stallUs(filledRatio: number, spanMs: number): number {
    return filledRatio >= stallsFromRatio ? 1000 * spanMs * stalledShare : 0;
  }
}
