/**
 * Writes entropy-coded bits, most significant first, and beside each byte the mask of its free bits: those that
 * can be inverted later, in any combination, without the byte becoming 0xFF or having been it.
 */
export class BitWriter {
  readonly #bytes: Uint8Array;
  readonly #masks: Uint8Array;
  #length = 0;
  #bits = 0;
  #free = 0;
  #pending = 0;

  /** `masks` is as long as `bytes`. */
  constructor(bytes: Uint8Array, masks: Uint8Array) {
    this.#bytes = bytes;
    this.#masks = masks;
  }

  /** Bytes written; bits that do not fill a byte yet do not count. */
  get length(): number {
    return this.#length;
  }

  /** At most 24 bits at once; `free` marks those that may take either value. */
  put(bits: number, free: number, length: number): void {
    this.#bits = (this.#bits << length) | bits;
    this.#free = (this.#free << length) | free;
    this.#pending += length;
    while (this.#pending >= 8) {
      this.#pending -= 8;
      this.#byte((this.#bits >>> this.#pending) & 255, (this.#free >>> this.#pending) & 255);
    }
  }

  #byte(value: number, free: number): void {
    let byte = value;
    let mask = free;
    if (byte === 255) {
      byte ^= mask & -mask;
    }
    if ((byte | mask) === 255) {
      // One bit stays 0 for good.
      const zeros = mask & ~byte;
      mask ^= zeros & -zeros;
    }
    this.#bytes[this.#length] = byte;
    this.#masks[this.#length] = mask;
    this.#length += 1;
    if (byte === 255) {
      this.#bytes[this.#length] = 0;
      this.#masks[this.#length] = 0;
      this.#length += 1;
    }
  }

  /** Fills the last byte with ones (T.81, F.1.2.3). */
  flush(): void {
    if (this.#pending > 0) {
      const missing = 8 - this.#pending;
      this.put((1 << missing) - 1, 0, missing);
    }
  }

  /** Call after `flush`. */
  marker(code: number): void {
    this.#bytes[this.#length] = 0xff;
    this.#bytes[this.#length + 1] = code;
    this.#length += 2;
  }
}
