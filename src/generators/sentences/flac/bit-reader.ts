/** A FLAC file that cannot be decoded; the message ends a sentence that begins "the FLAC file". */
export class FlacFault extends Error {}

/** Reads bits from the most significant on. Throws `FlacFault` at the end of the bytes. */
export interface BitReader {
  /** An unsigned number of 0 to 32 bits. */
  read(bits: number): number;
  /** A number in two's complement of 1 to 32 bits. */
  readSigned(bits: number): number;
  /** The number of zeros before the next one, which is taken too. */
  readUnary(): number;
  /** Skips to the next whole byte. */
  align(): void;
  isAtEnd(): boolean;
}

export function createBitReader(bytes: Uint8Array, startByte: number): BitReader {
  const end = bytes.length * 8;
  let at = startByte * 8;
  const take = (bits: number): void => {
    at += bits;
    if (at > end) {
      throw new FlacFault('ends before its last sample');
    }
  };
  const peek = (): number => {
    const byte = at >>> 3;
    const shift = at & 7;
    const word =
      ((bytes[byte] ?? 0) << 24) |
      ((bytes[byte + 1] ?? 0) << 16) |
      ((bytes[byte + 2] ?? 0) << 8) |
      (bytes[byte + 3] ?? 0);
    return ((word << shift) | ((bytes[byte + 4] ?? 0) >> (8 - shift))) >>> 0;
  };
  const read = (bits: number): number => {
    if (bits === 0) {
      return 0;
    }
    const value = peek() >>> (32 - bits);
    take(bits);
    return value;
  };
  return {
    read,
    readSigned: (bits) => (read(bits) << (32 - bits)) >> (32 - bits),
    readUnary() {
      let zeros = 0;
      for (;;) {
        const run = Math.clz32(peek());
        zeros += run;
        if (run < 32) {
          take(run + 1);
          return zeros;
        }
        take(32);
      }
    },
    align: () => take((8 - (at & 7)) & 7),
    isAtEnd: () => at >= end,
  };
}
