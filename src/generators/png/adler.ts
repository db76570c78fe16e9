/** Largest prime below 2^16 (RFC 1950, section 8.2). */
const modulus = 65_521;

/** Adler-32 over a stream that is known by its sums, so that most of its bytes need not be looked at. */
export class Adler {
  #plain = 1;
  #weighted = 0;

  /** `length` bytes of one value. Stays exact: a row of a picture has fewer than 2^18 bytes. */
  addRun(value: number, length: number): void {
    this.#weighted = (this.#weighted + length * this.#plain + (value * length * (length + 1)) / 2) % modulus;
    this.#plain = (this.#plain + value * length) % modulus;
  }

  /** `length` bytes whose sum is `plain`, and `weighted` with each byte counted as often as bytes follow it, plus one. */
  addSums(length: number, plain: number, weighted: number): void {
    this.#weighted = (this.#weighted + length * this.#plain + weighted) % modulus;
    this.#plain = (this.#plain + plain) % modulus;
  }

  addBytes(bytes: Uint8Array, from: number, to: number): void {
    let plain = this.#plain;
    let weighted = this.#weighted;
    for (let index = from; index < to; index += 1) {
      plain += bytes[index] ?? 0;
      weighted += plain;
    }
    this.#plain = plain % modulus;
    this.#weighted = weighted % modulus;
  }

  get value(): number {
    return this.#weighted * 65_536 + this.#plain;
  }
}
