import { crcOfNibbles } from './crc.ts';

/** All tones are multiples of this, so that a symbol holds whole periods and starts and ends at phase 0. */
export const toneStepHz = 160;
/** A symbol lasts 25 ms: four periods of the tone step. */
export const periodsPerSymbol = 4;
/** A slot lasts 400 ms; slot 0 is the header, every later one carries one word. */
export const symbolsPerSlot = 16;
/** Sync, sequence, three nibbles of word, two of checksum; speech-like filler takes the rest of the slot. */
export const wordFrameSymbols = 7;
/** Symbols 0..15 are data; then the sync symbol, and the bed: noise alone. */
export const syncSymbol = 16;
export const bedSymbol = 17;
/** The most that the header's 16 bits can say, reached after 7.3 hours; it stands for "so many or more". */
export const mostCountedWords = 65_535;
/** Identities have 28 bits. */
export const identityCount = 0x1000_0000;

const headerNibbles = 11;
const wordNibbles = 4;
const headerCrc = { widthBits: 12, polynomial: 0x80f, initial: 0xfff } as const;
const wordCrc = { widthBits: 8, polynomial: 0x07, initial: 0xa5 } as const;

function nibblesToNumber(nibbles: ArrayLike<number>, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index += 1) {
    value = value * 16 + (nibbles[index] ?? 0);
  }
  return value;
}

/** The 16 symbols of slot 0: two syncs, identity, number of words (at most `mostCountedWords`), CRC-12. */
export function headerFrame(id: number, words: number): Uint8Array {
  const counted = Math.min(words, mostCountedWords);
  const frame = new Uint8Array(symbolsPerSlot).fill(syncSymbol, 0, 2);
  for (let index = 0; index < 7; index += 1) {
    frame[2 + index] = (id >>> (24 - 4 * index)) & 15;
  }
  for (let index = 0; index < 4; index += 1) {
    frame[9 + index] = (counted >>> (12 - 4 * index)) & 15;
  }
  const crc = crcOfNibbles(headerCrc, frame.subarray(2), headerNibbles);
  for (let index = 0; index < 3; index += 1) {
    frame[13 + index] = (crc >>> (8 - 4 * index)) & 15;
  }
  return frame;
}

/** Writes the 7 symbols of a word's slot into `frame`, which is reused: this is on the send path. */
export function writeWordFrame(frame: Uint8Array, slot: number, word: number): void {
  frame[0] = slot & 15;
  frame[1] = (word >>> 8) & 15;
  frame[2] = (word >>> 4) & 15;
  frame[3] = word & 15;
  const crc = crcOfNibbles(wordCrc, frame, wordNibbles);
  frame[5] = crc >>> 4;
  frame[6] = crc & 15;
  frame.copyWithin(1, 0, 4);
  frame[0] = syncSymbol;
}

/** Reads the 14 nibbles after the two syncs; null if the checksum is wrong. */
export function readHeader(nibbles: ArrayLike<number>): { id: number; words: number } | null {
  const isIntact = crcOfNibbles(headerCrc, nibbles, headerNibbles) === nibblesToNumber(nibbles, 11, 14);
  return isIntact ? { id: nibblesToNumber(nibbles, 0, 7), words: nibblesToNumber(nibbles, 7, 11) } : null;
}

/** Reads the 6 nibbles after a sync; null if the checksum is wrong. `sequence` is the slot modulo 16. */
export function readWord(nibbles: ArrayLike<number>): { sequence: number; word: number } | null {
  const isIntact = crcOfNibbles(wordCrc, nibbles, wordNibbles) === nibblesToNumber(nibbles, 4, 6);
  return isIntact ? { sequence: nibbles[0] ?? 0, word: nibblesToNumber(nibbles, 1, 4) } : null;
}
