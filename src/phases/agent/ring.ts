/** One line of a session's stream, kept until the client has it. */
export interface RingEntry {
  seq: number;
  line: Buffer;
}

export type RingKind = 'batch' | 'event' | 'lost';

interface Held extends RingEntry {
  isBatch: boolean;
}

/** Freed slots at the front are kept up to this many, so that not every release moves the rest. */
const freedSlots = 1024;

/**
 * What was sampled and is not yet known to have arrived, numbered from 1 on and bounded in bytes.
 * If it overflows the oldest go, and `firstHeld` says so to whoever asks for them.
 */
export class AgentRing {
  readonly #maxBytes: number;
  #held: (Held | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #firstSeq = 1;
  /** Batches with a number below `#firstSeq`. */
  #batchesBefore = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get lastSeq(): number {
    return this.#firstSeq + (this.#held.length - this.#head) - 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest number that can still be had, and how many batches had a lower one. */
  get firstHeld(): { seq: number; batchesBefore: number } {
    return { seq: this.#firstSeq, batchesBefore: this.#batchesBefore };
  }

  push(kind: RingKind, content: unknown): void {
    const seq = this.lastSeq + 1;
    const line = Buffer.from(`${JSON.stringify({ seq, [kind]: content })}\n`);
    this.#held.push({ seq, line, isBatch: kind === 'batch' });
    this.#bytes += line.length;
    while (this.#bytes > this.#maxBytes && this.#firstSeq < seq) {
      this.#dropFirst();
    }
  }

  /** null if there is none yet, or no longer. */
  at(seq: number): RingEntry | null {
    return seq < this.#firstSeq ? null : (this.#held[this.#head + seq - this.#firstSeq] ?? null);
  }

  /** The client has all up to this number. */
  release(throughSeq: number): void {
    while (this.#firstSeq <= throughSeq && this.#head < this.#held.length) {
      this.#dropFirst();
    }
  }

  #dropFirst(): void {
    const first = this.#held[this.#head];
    if (first === undefined) {
      return;
    }
    this.#held[this.#head] = undefined;
    this.#head += 1;
    this.#firstSeq += 1;
    this.#bytes -= first.line.length;
    this.#batchesBefore += first.isBatch ? 1 : 0;
    if (this.#head > freedSlots) {
      this.#held = this.#held.slice(this.#head);
      this.#head = 0;
    }
  }
}
