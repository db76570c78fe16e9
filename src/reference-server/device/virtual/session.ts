import { monitorCall } from '../../../base/device-monitor.ts';
import { outOfMemoryCode } from '../device.ts';
import type { Ledger } from './accounts.ts';
import type { KernelQueue } from './kernel-queue.ts';

export type Answer = Record<string, unknown>;

export interface Call {
  seq?: unknown;
  op?: unknown;
  pid?: unknown;
  label?: unknown;
  bytes?: unknown;
  id?: unknown;
  ms?: unknown;
}

const outOfMemory: Answer = { error: outOfMemoryCode };
const invalidValue: Answer = { error: 1 };

export interface Session {
  /** A launch is answered when its kernel is over, everything else at once. */
  answer(call: Call): Answer | Promise<Answer>;
  /** The connection is gone: its kernels leave the queue. */
  end(): void;
  /** Gives back the context's memory. */
  close(): void;
}

function sizeOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : null;
}

class ConnectionSession implements Session {
  readonly #ledger: Ledger;
  readonly #queue: KernelQueue;
  #context: number | null = null;
  /** What cancels a kernel, by the `seq` of its launch. */
  readonly #launched = new Map<number, () => void>();

  constructor(ledger: Ledger, queue: KernelQueue) {
    this.#ledger = ledger;
    this.#queue = queue;
  }

  answer(call: Call): Answer | Promise<Answer> {
    switch (call.op) {
      case 'ctx':
        return this.#open(call);
      case 'alloc':
        return this.#alloc(call);
      case 'free':
        return this.#context !== null && this.#ledger.free(this.#context, Number(call.id)) ? {} : invalidValue;
      case 'launch':
        return this.#launch(call);
      case 'cancel':
        this.#launched.get(Number(call.id))?.();
        return {};
      case 'meminfo': {
        const { totalBytes, freeBytes } = this.#ledger.read();
        return this.#context === null ? invalidValue : { totalBytes, freeBytes };
      }
      case monitorCall:
        return { ...this.#ledger.read() };
      default:
        return invalidValue;
    }
  }

  end(): void {
    for (const cancel of [...this.#launched.values()]) {
      cancel();
    }
  }

  close(): void {
    if (this.#context !== null) {
      this.#ledger.closeContext(this.#context);
      this.#context = null;
    }
  }

  #open(call: Call): Answer {
    const bytes = sizeOf(call.bytes);
    if (bytes === null || this.#context !== null) {
      return invalidValue;
    }
    this.#context = this.#ledger.openContext(Number(call.pid), String(call.label), bytes);
    return this.#context === null ? outOfMemory : { id: this.#context };
  }

  #alloc(call: Call): Answer {
    const bytes = sizeOf(call.bytes);
    if (bytes === null || this.#context === null) {
      return invalidValue;
    }
    const id = this.#ledger.alloc(this.#context, bytes);
    return id === null ? outOfMemory : { id };
  }

  #launch(call: Call): Answer | Promise<Answer> {
    const ms = sizeOf(call.ms);
    if (ms === null || this.#context === null) {
      return invalidValue;
    }
    const seq = Number(call.seq);
    return new Promise((resolve) => {
      const cancel = this.#queue.launch(ms, (how) => {
        this.#launched.delete(seq);
        resolve({ end: how });
      });
      this.#launched.set(seq, cancel);
    });
  }
}

/** Answers one connection's calls; the connection is its context. */
export function createSession(ledger: Ledger, queue: KernelQueue): Session {
  return new ConnectionSession(ledger, queue);
}
