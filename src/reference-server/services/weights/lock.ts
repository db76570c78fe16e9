export type LockKind = 'read' | 'write';

interface Waiter {
  kind: LockKind;
  grant(): void;
}

/** Readers share, a writer is alone; first come, first served, so that no writer starves. */
export class Lock {
  readonly #waiters: Waiter[] = [];
  #readers = 0;
  #hasWriter = false;

  get waiting(): number {
    return this.#waiters.length;
  }

  /** Resolves to the function that gives it back. Rejects with the signal's reason, and then holds nothing. */
  acquire(kind: LockKind, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const leave = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
        // Readers may have waited behind this one only.
        this.#grantNext();
      };
      const waiter: Waiter = {
        kind,
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve(this.#hold(kind));
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiters.push(waiter);
      this.#grantNext();
    });
  }

  #hold(kind: LockKind): () => void {
    if (kind === 'write') {
      this.#hasWriter = true;
    } else {
      this.#readers += 1;
    }
    return () => {
      if (kind === 'write') {
        this.#hasWriter = false;
      } else {
        this.#readers -= 1;
      }
      this.#grantNext();
    };
  }

  #grantNext(): void {
    for (let next = this.#waiters[0]; next !== undefined; next = this.#waiters[0]) {
      const isFree = !this.#hasWriter && (next.kind === 'read' || this.#readers === 0);
      if (!isFree) {
        return;
      }
      this.#waiters.shift();
      next.grant();
    }
  }
}
