import { touchPages } from '../../pages.ts';
import { collectLater } from './collect-later.ts';

const tickMs = 10;

/** Of each tick: two fifths of a core while any pass runs, and the front still answers in between. */
const budgetMs = 4;

/** Pages written in one step: about 1 ms. */
const stepBytes = 1024 ** 2;

export interface PassRequest {
  durationMs: number;
  /** Host memory that the pass writes and holds to its end. */
  bytes: number;
  /** Looked at before every step. */
  signal: AbortSignal;
}

interface Pass extends PassRequest {
  endMs: number;
  memory: Uint8Array;
  writtenBytes: number;
  settle(isWhole: boolean): void;
}

/** Runs forward passes side by side, in steps between turns of the event loop. */
export class Processor {
  readonly #weights: () => Uint8Array | null;
  readonly #passes = new Set<Pass>();
  #ticking: NodeJS.Timeout | null = null;
  #checksum = 0;

  constructor(weights: () => Uint8Array | null) {
    this.#weights = weights;
  }

  /** Memory of all passes that has been written. */
  heldBytes(): number {
    return [...this.#passes].reduce((sum, pass) => sum + pass.writtenBytes, 0);
  }

  /** Resolves to true after the whole pass, to false if its signal stopped it. Throws where there is no memory. */
  async run(request: PassRequest): Promise<boolean> {
    const memory = Buffer.allocUnsafeSlow(request.bytes);
    const isWhole = await new Promise<boolean>((settle) => {
      const endMs = performance.now() + request.durationMs;
      this.#passes.add({ ...request, endMs, memory, writtenBytes: 0, settle });
      this.#ticking ??= setInterval(() => this.#tick(), tickMs);
    });
    collectLater(request.bytes);
    return isWhole;
  }

  stop(): void {
    for (const pass of this.#passes) {
      this.#end(pass, false);
    }
  }

  #tick(): void {
    const startedMs = performance.now();
    for (const pass of this.#passes) {
      // To the end of the line, which the loop reaches in turn.
      this.#passes.delete(pass);
      this.#passes.add(pass);
      this.#step(pass);
      if (performance.now() - startedMs >= budgetMs) {
        return;
      }
    }
  }

  #step(pass: Pass): void {
    if (pass.signal.aborted) {
      this.#end(pass, false);
      return;
    }
    if (pass.writtenBytes < pass.memory.length) {
      const end = Math.min(pass.memory.length, pass.writtenBytes + stepBytes);
      touchPages(pass.memory, pass.writtenBytes, end);
      pass.writtenBytes = end;
      return;
    }
    if (performance.now() >= pass.endMs) {
      this.#end(pass, true);
      return;
    }
    this.#compute(this.#weights() ?? pass.memory);
  }

  /** A small product over weights that are there anyway, so that the processor has really worked. */
  #compute(weights: Uint8Array): void {
    let sum = this.#checksum;
    const end = Math.min(weights.length, 64 * 1024);
    for (let index = 0; index < end; index += 1) {
      sum = (Math.imul(sum, 31) + (weights[index] ?? 0)) | 0;
    }
    this.#checksum = sum;
  }

  #end(pass: Pass, isWhole: boolean): void {
    this.#passes.delete(pass);
    if (this.#passes.size === 0 && this.#ticking !== null) {
      clearInterval(this.#ticking);
      this.#ticking = null;
    }
    pass.settle(isWhole);
  }
}
