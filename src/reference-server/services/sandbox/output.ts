import type { Readable } from 'node:stream';

/** What a reply carries of one stream at most. */
export const shownBytes = 50 * 1024;

const cutNote = '\n[the output was cut here]\n';

/**
 * Large blocks go back to the system one by one once they are let go, as the incident's did; thousands of
 * small ones would stay with the allocator. Only what is written of a block is resident.
 */
const blockBytes = 32 * 1024 ** 2;

/** One output stream of a program. */
export interface Output {
  heldBytes(): number;
  /** Its first 50 KiB. */
  text(): string;
  /** Holds nothing from now on; returns what it held until now. */
  letGo(): number;
}

/** Bytes in the order in which they came. */
class Blocks {
  readonly #blocks: Buffer[] = [];
  #usedOfLast = 0;
  bytes = 0;

  append(chunk: Buffer): void {
    for (let taken = 0; taken < chunk.length; ) {
      const last = this.#blocks.at(-1);
      if (last === undefined || this.#usedOfLast === last.length) {
        // Most programs print little: the first block is no larger than what is shown.
        this.#blocks.push(Buffer.allocUnsafeSlow(last === undefined ? shownBytes : blockBytes));
        this.#usedOfLast = 0;
      } else {
        const copied = chunk.copy(last, this.#usedOfLast, taken);
        this.#usedOfLast += copied;
        this.bytes += copied;
        taken += copied;
      }
    }
  }

  clear(): void {
    this.#blocks.length = 0;
    this.bytes = 0;
  }

  shown(): Buffer {
    return this.#blocks[0]?.subarray(0, this.bytes) ?? Buffer.alloc(0);
  }
}

/**
 * Reads a stream to its end. With a cap, no more than that is kept and `whenOver` is called once; without
 * one (null) every byte stays here for as long as the output is held.
 */
export function keepOutput(stream: Readable, capBytes: number | null, whenOver: () => void): Output {
  const blocks = new Blocks();
  let isOver = false;
  stream.on('data', (chunk: Buffer) => {
    const room = capBytes === null ? chunk.length : capBytes - blocks.bytes;
    blocks.append(chunk.subarray(0, room));
    if (chunk.length > room && !isOver) {
      isOver = true;
      whenOver();
    }
  });
  stream.on('error', () => stream.destroy());
  return {
    heldBytes: () => blocks.bytes,
    text() {
      const isCut = isOver || blocks.bytes > shownBytes;
      // In a cut text the last character may lack its end: `stream` leaves it out.
      const text = new TextDecoder().decode(blocks.shown(), { stream: isCut });
      return isCut ? `${text}${cutNote}` : text;
    },
    letGo() {
      const { bytes } = blocks;
      blocks.clear();
      return bytes;
    },
  };
}
