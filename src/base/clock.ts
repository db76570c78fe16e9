/** Milliseconds since the run began, on the monotonic clock. Fractions are kept. */
export interface Clock {
  nowMs(): number;
  /** Resolves when `nowMs()` has reached `atMs`, or at once if the signal is aborted. */
  sleepUntil(atMs: number, signal?: AbortSignal): Promise<void>;
}

/** Node fires a timer that is to wait for longer after 1 ms. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * The epoch is a reading of CLOCK_MONOTONIC in nanoseconds, which is one clock for
 * all processes of a host: a child that is given the epoch stamps times that the
 * parent can compare with its own.
 */
export function monotonicClock(epochNs: bigint = process.hrtime.bigint()): Clock & { epochNs: bigint } {
  const nowMs = (): number => Number(process.hrtime.bigint() - epochNs) / 1e6;
  return {
    epochNs,
    nowMs,
    sleepUntil(atMs, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        let timer: NodeJS.Timeout;
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const wait = (): void => {
          const waitMs = Math.max(0, atMs - nowMs());
          timer = waitMs > longestTimerMs ? setTimeout(wait, longestTimerMs) : setTimeout(done, waitMs);
        };
        wait();
        signal?.addEventListener('abort', done, { once: true });
      });
    },
  };
}
