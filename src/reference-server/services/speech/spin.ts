/** Outside of the heap, whose own limit would else end the spin long before the host's memory does. */
const blockBytes = 1024 ** 2;

/** A spin that was kept from the processor catches up this much, so that a busy machine shows the same slope. */
const mostDebtMs = 1000;

/** What a skip that does not yield costs: time of the one thread, and bytes that only the event loop would clear. */
export interface Spin {
  /** One skip. Returns when the next one is due. */
  turn(): void;
  readonly keptBytes: number;
}

export interface SpinSettings {
  bytesPerSpin: number;
  spinsPerSecond: number;
  /** No more is kept than this; the spin itself goes on. */
  mostKeptBytes: number;
}

/** Paced by the clock, as each skip of the incident read it for its timer; `nowMs` must move on by itself. */
export function createSpin(settings: SpinSettings, nowMs: () => number = () => performance.now()): Spin {
  const { bytesPerSpin, spinsPerSecond, mostKeptBytes } = settings;
  const blocks: Buffer[] = [];
  let usedBytes = 0;
  let keptBytes = 0;
  let dueMs: number | null = null;

  function keep(): void {
    if (keptBytes + bytesPerSpin > mostKeptBytes) {
      return;
    }
    let block = blocks.at(-1);
    if (block === undefined || usedBytes + bytesPerSpin > block.length) {
      block = Buffer.allocUnsafeSlow(Math.max(blockBytes, bytesPerSpin));
      blocks.push(block);
      usedBytes = 0;
    }
    block.fill(1, usedBytes, usedBytes + bytesPerSpin);
    usedBytes += bytesPerSpin;
    keptBytes += bytesPerSpin;
  }

  return {
    turn() {
      let now = nowMs();
      let due = Math.max(dueMs ?? now, now - mostDebtMs);
      while (now < due) {
        now = nowMs();
      }
      due += 1000 / spinsPerSecond;
      dueMs = due;
      keep();
    },
    get keptBytes() {
      return keptBytes;
    },
  };
}
