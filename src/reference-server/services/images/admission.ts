/** A share of the memory for decoded images; give it back once. */
export type GiveBack = () => void;

/** Who may decode: first come, first served, by bytes. */
export interface Admission {
  /** Resolves when the bytes are free; rejects with the signal's reason if it is aborted before. Never for more than the budget. */
  take(bytes: number, signal: AbortSignal): Promise<GiveBack>;
  waiting(): number;
  heldBytes(): number;
}

interface Waiter {
  bytes: number;
  start(): void;
}

/** A semaphore that counts bytes: what would not fit beside the rest waits, so the sum never exceeds the budget. */
export function createAdmission(budgetBytes: number): Admission {
  const queue: Waiter[] = [];
  let heldBytes = 0;
  const startNext = (): void => {
    // Strictly in order: a small image that overtakes would let a large one starve.
    for (let next = queue[0]; next !== undefined && heldBytes + next.bytes <= budgetBytes; next = queue[0]) {
      queue.shift();
      heldBytes += next.bytes;
      next.start();
    }
  };
  const giverOf = (bytes: number): GiveBack => {
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        heldBytes -= bytes;
        startNext();
      }
    };
  };
  return {
    take(bytes, signal) {
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          queue.splice(queue.indexOf(waiter), 1);
          reject(signal.reason as Error);
          startNext();
        };
        const waiter: Waiter = {
          bytes,
          start() {
            signal.removeEventListener('abort', leave);
            resolve(giverOf(bytes));
          },
        };
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        signal.addEventListener('abort', leave);
        queue.push(waiter);
        startNext();
      });
    },
    waiting: () => queue.length,
    heldBytes: () => heldBytes,
  };
}
