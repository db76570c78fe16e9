import { crcOfNibbles } from './crc.ts';

/** A band along the top of an image: cells of equal width, black for 0 and white for 1. */
export const imageCodeCells = 64;
const syncWord = 0xaa1e;
/** CRC-16/CCITT-FALSE over the identity, most significant nibble first. */
const crcShape = { widthBits: 16, polynomial: 0x1021, initial: 0xffff };

function nibblesOf(id: number): number[] {
  return Array.from({ length: 8 }, (_, index) => (id >>> (28 - index * 4)) & 15);
}

/** 64 cells (0 or 1), left to right: sync word, 32-bit identity, its CRC-16; most significant bit first. */
export function imageCodeOf(id: number): Uint8Array {
  const words = [syncWord, id >>> 16, id & 0xffff, crcOfNibbles(crcShape, nibblesOf(id), 8)];
  return Uint8Array.from({ length: imageCodeCells }, (_, cell) => ((words[cell >> 4] ?? 0) >> (15 - (cell & 15))) & 1);
}

/** The identity (0..2^32-1) in 64 cells, or null if sync word or CRC do not agree. */
export function identityInCells(cells: ArrayLike<number>): number | null {
  const word = (index: number): number => {
    let value = 0;
    for (let bit = 0; bit < 16; bit += 1) {
      value = value * 2 + (cells[index * 16 + bit] ?? 0);
    }
    return value;
  };
  const id = word(1) * 65_536 + word(2);
  return word(0) === syncWord && word(3) === crcOfNibbles(crcShape, nibblesOf(id), 8) ? id : null;
}

/** Decoded pixels: 8-bit samples, rows from the top, `channels` interleaved; the first channel is read. */
export interface Pixels {
  width: number;
  height: number;
  channels: number;
  samples: Uint8Array;
}

// The band is 32 of thousands of rows; after any sensible resize a part of it is within the first 32.
const searchedRows = 32;

/** Reads the identity from pixels, also after a resize that keeps 64 columns or more, and re-encoding. */
export function readImageCode({ width, height, channels, samples }: Pixels): number | null {
  if (width < imageCodeCells) {
    return null;
  }
  const cells = new Uint8Array(imageCodeCells);
  for (let row = 0; row < Math.min(searchedRows, height); row += 1) {
    for (let cell = 0; cell < imageCodeCells; cell += 1) {
      // Pixels with their centre in the middle half, for the edges of a cell are blurred by resizing; at least
      // the one in the middle.
      const middle = Math.floor(((cell + 0.5) * width) / imageCodeCells);
      const from = Math.min(middle, Math.ceil(((cell + 0.25) * width) / imageCodeCells - 0.5));
      const to = Math.max(middle + 1, Math.floor(((cell + 0.75) * width) / imageCodeCells + 0.5));
      let sum = 0;
      for (let column = from; column < to; column += 1) {
        sum += samples[(row * width + column) * channels] ?? 0;
      }
      cells[cell] = sum >= 128 * (to - from) ? 1 : 0;
    }
    const id = identityInCells(cells);
    if (id !== null) {
      return id;
    }
  }
  return null;
}
