import type { JpegTable } from './jpeg-header.ts';

/** Reads the coded bits of a JPEG (ITU-T T.81, F.2.2). Once `ended` is true, what it returned means nothing. */
export class JpegBits {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;
  #ended = false;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** True once more was asked for than there is before the next marker or the end, or a code was not in its table. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Holds 17 bits or more, as far as there are; beyond them zeros. */
  #fill(): void {
    while (this.#count <= 16) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || (byte === 0xff && this.#bytes[this.#at + 1] !== 0)) {
        return;
      }
      this.#bits = (this.#bits << 8) | byte;
      this.#count += 8;
      // A zero byte after 0xFF says that it is no marker.
      this.#at += byte === 0xff ? 2 : 1;
    }
  }

  /** The next 16 bits, without taking them. */
  #peek(): number {
    if (this.#count < 16) {
      this.#fill();
    }
    return (this.#count >= 16 ? this.#bits >>> (this.#count - 16) : this.#bits << (16 - this.#count)) & 0xffff;
  }

  #take(length: number): void {
    this.#count -= length;
    if (this.#count < 0) {
      this.#ended = true;
      this.#count = 0;
    }
  }

  symbol(table: JpegTable): number {
    const next = this.#peek();
    const short = table.short[next >>> 8] ?? 0;
    if (short !== 0) {
      this.#take(short >>> 8);
      return short & 255;
    }
    for (let length = 9; length <= 16; length += 1) {
      if (next < (table.ends[length] ?? 0)) {
        this.#take(length);
        return table.symbols[(next >>> (16 - length)) + (table.shifts[length] ?? 0)] ?? 0;
      }
    }
    this.#ended = true;
    return 0;
  }

  /** A value of `size` bits, 0..16, of which the lower half is negative (T.81, table F.1). */
  value(size: number): number {
    if (size === 0) {
      return 0;
    }
    const bits = this.#peek() >>> (16 - size);
    this.#take(size);
    return bits < 1 << (size - 1) ? bits + 1 - (1 << size) : bits;
  }

  /** Passes a restart marker; `ended` if there is none here. */
  restart(): void {
    while (this.#bytes[this.#at] === 0xff && this.#bytes[this.#at + 1] === 0xff) {
      this.#at += 1;
    }
    const marker = this.#bytes[this.#at + 1] ?? 0;
    if (this.#count >= 8 || this.#bytes[this.#at] !== 0xff || marker < 0xd0 || marker > 0xd7) {
      this.#ended = true;
    }
    this.#at += 2;
    this.#count = 0;
  }
}
