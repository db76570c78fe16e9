export interface CrcShape {
  widthBits: number;
  polynomial: number;
  initial: number;
}

/** CRC over the first `count` 4-bit values, most significant bit first, without reflection or a final XOR. */
export function crcOfNibbles(shape: CrcShape, nibbles: ArrayLike<number>, count: number): number {
  const top = 1 << (shape.widthBits - 1);
  const mask = top * 2 - 1;
  let crc = shape.initial;
  for (let index = 0; index < count; index += 1) {
    crc ^= (nibbles[index] ?? 0) << (shape.widthBits - 4);
    for (let bit = 0; bit < 4; bit += 1) {
      crc = (crc & top) === 0 ? (crc << 1) & mask : ((crc << 1) ^ shape.polynomial) & mask;
    }
  }
  return crc;
}
