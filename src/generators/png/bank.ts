import { createRandom, mix } from '../../base/random.ts';

/** Pixels of a piece: wide enough that copying is fast, narrow enough that a gradient over pieces looks smooth. */
export const piecePixels = 256;
export const pieceBytes = piecePixels * 3;
/** Steps of the colour ramp; what lies between two is dithered. */
export const levels = 48;
/** Pieces of one level, alike but for their noise. */
export const variants = 128;

/** Red, green and blue at even distances along the ramp: night blue, sea, sand, rose. */
const ramp: readonly (readonly [number, number, number])[] = [
  [72, 84, 118],
  [76, 132, 150],
  [170, 166, 128],
  [182, 128, 134],
];
/**
 * Noise of about 18 grey levels, as strong as that of a photograph at high sensitivity: with less, a body would
 * compress far better. The sum of four random bytes deviates by 148, a number below 1024 by 296.
 */
const noiseScale = 13 / 148;
const colourScale = 13 / 296;

export interface PngBank {
  piece(level: number, variant: number): Uint8Array;
  /** Sum of the bytes of a piece, and the sum of each byte times the bytes from it to the end (RFC 1950, Adler-32). */
  sums(level: number): { plain: Uint32Array; weighted: Uint32Array };
}

function colourAt(level: number, channel: number): number {
  const place = (level * (ramp.length - 1)) / (levels - 1);
  const before = Math.min(ramp.length - 2, Math.floor(place));
  const from = ramp[before]?.[channel] ?? 0;
  const to = ramp[before + 1]?.[channel] ?? 0;
  return from + (to - from) * (place - before);
}

interface LevelPieces {
  pieces: Uint8Array[];
  plain: Uint32Array;
  weighted: Uint32Array;
}

/** Sum of the four bytes of a word, about zero: near enough to a bell, and the same on every runtime. */
function bell(word: number): number {
  return (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510;
}

/** Noise of brightness and of colour in equal parts. */
function renderLevel(level: number): LevelPieces {
  const key = createRandom('image-png').fork(`level/${level}`).uint32();
  const red = colourAt(level, 0);
  const green = colourAt(level, 1);
  const blue = colourAt(level, 2);
  // Clamped and rounded as it is stored.
  const bytes = new Uint8ClampedArray(variants * pieceBytes);
  for (let at = 0; at < bytes.length; at += 3) {
    const brightness = bell(mix(key, at * 2)) * noiseScale;
    const word = mix(key, at * 2 + 1);
    bytes[at] = red + brightness + ((word & 1023) - 511.5) * colourScale;
    bytes[at + 1] = green + brightness + (((word >>> 10) & 1023) - 511.5) * colourScale;
    bytes[at + 2] = blue + brightness + (((word >>> 20) & 1023) - 511.5) * colourScale;
  }
  const pieces = Array.from(
    { length: variants },
    (_, variant) => new Uint8Array(bytes.buffer, variant * pieceBytes, pieceBytes),
  );
  const plain = new Uint32Array(variants);
  const weighted = new Uint32Array(variants);
  for (const [variant, piece] of pieces.entries()) {
    for (let index = 0; index < pieceBytes; index += 1) {
      const byte = piece[index] ?? 0;
      plain[variant] = (plain[variant] ?? 0) + byte;
      weighted[variant] = (weighted[variant] ?? 0) + byte * (pieceBytes - index);
    }
  }
  return { pieces, plain, weighted };
}

function createBank(): PngBank {
  const rendered = new Array<LevelPieces | undefined>(levels);
  // Level by level as they are asked for: about a millisecond each, and a small image needs but a few.
  const levelAt = (level: number): LevelPieces => {
    const held = rendered[level] ?? renderLevel(level);
    rendered[level] = held;
    return held;
  };
  return {
    piece(level, variant) {
      const piece = levelAt(level).pieces[variant];
      if (piece === undefined) {
        throw new RangeError(`no variant ${variant}`);
      }
      return piece;
    },
    sums: levelAt,
  };
}

/** The one bank of this process: 4.7 MB when every level has been asked for. */
export const pngBank: PngBank = createBank();
