import { type Geometry, noiseMcus } from './geometry.ts';
import { headerBytes, leastCommentBytes } from './header.ts';
import { mcusPerStrip, type Sampling } from './sampling.ts';

/** Bytes that a comment may take up where pixels cannot hold them; with all that is rounded it stays one comment. */
const mostFilling = 50_000;
const markerBytes = 2;
/** Rounding of the strips that are not from the bank, and the last byte of each. */
const roundingBytes = 8;

/**
 * Where what lies in a file of known size: header, filling comment and band; then strips of two lengths, evenly
 * mixed; then the last strip. Offsets need no sum over strips, so every byte is found at once.
 */
export interface Layout {
  /** A multiple of 4. */
  prefixBytes: number;
  /** Code bits of the noise beside the band. */
  fillingBits: number;
  bankStrips: number;
  /** With marker; multiples of 4. */
  shortBytes: number;
  longBytes: number;
  longStrips: number;
  /** Without the marker that ends the image. */
  lastBytes: number;
}

/** At most what the band takes: a repeated MCU at its least, a change of brightness at its most. */
function mostBandBytes({ bandMcus, bandStrips, mcuColumns, sampling }: Geometry): number {
  if (bandMcus === 0) {
    return 0;
  }
  // A change within an MCU is coded on each of its rows, back and forth.
  const changes = 64 * (bandMcus / mcuColumns) * (2 * sampling.lumaSide - 1) + bandStrips;
  // 18 bits more than no change, and two stuffed zero bytes.
  return Math.ceil((bandMcus * sampling.leastMcuBits + changes * 34) / 8) + bandStrips * (1 + markerBytes);
}

function fixedBytes(geometry: Geometry): number {
  return (
    headerBytes(geometry) +
    leastCommentBytes +
    mostBandBytes(geometry) +
    markerBytes * (geometry.bankStrips + 1) +
    roundingBytes
  );
}

function bitsPerPixelOf({ mcuSide }: Sampling, stripBytes: number): number {
  return ((stripBytes - markerBytes) * 8) / (mcusPerStrip * mcuSide * mcuSide);
}

/** Least and most bits that a pixel of noise can take. */
export function rateLimits(sampling: Sampling): { least: number; most: number } {
  const { stripSizes } = sampling;
  return {
    least: bitsPerPixelOf(sampling, stripSizes[0] ?? 0),
    most: bitsPerPixelOf(sampling, stripSizes.at(-1) ?? 0),
  };
}

/** Bytes of the file in which a pixel of noise takes `bitsPerPixel`. */
export function bytesAtRate(geometry: Geometry, bitsPerPixel: number): number {
  const pixels = noiseMcus(geometry) * geometry.sampling.mcuSide * geometry.sampling.mcuSide;
  return fixedBytes(geometry) + Math.ceil((pixels * bitsPerPixel) / 8);
}

/** The sizes in bytes that a file with these sides can have: each in between. */
export function sizeLimits(geometry: Geometry): { least: number; most: number } {
  const { least, most } = rateLimits(geometry.sampling);
  return { least: bytesAtRate(geometry, least), most: bytesAtRate(geometry, most) + mostFilling };
}

/** `bytes` lies within `sizeLimits`. */
export function layoutOf(geometry: Geometry, bytes: number): Layout {
  const { sampling, bankStrips, fillingMcus, lastMcus } = geometry;
  const { leastMcuBits, stripSizes } = sampling;
  const mostMcuBytes = ((stripSizes.at(-1) ?? 0) - markerBytes) / mcusPerStrip;
  const mcuBytes = Math.min(mostMcuBytes, (bytes - fixedBytes(geometry)) / noiseMcus(geometry));
  const fillingBits = Math.max(fillingMcus * leastMcuBits, Math.floor(fillingMcus * mcuBytes * 8));
  const leastLast = Math.max(Math.ceil((lastMcus * leastMcuBits) / 8), Math.floor(lastMcus * mcuBytes));
  const room = bytes - fixedBytes(geometry) + markerBytes * bankStrips - Math.ceil(fillingBits / 8) - leastLast;
  const above = stripSizes.findIndex((size) => size * bankStrips > room);
  const longBytes = (above < 0 ? stripSizes.at(-1) : stripSizes[above]) ?? 0;
  const shortBytes = (above < 0 ? longBytes : stripSizes[above - 1]) ?? 0;
  const longStrips = above < 0 ? 0 : Math.floor((room - bankStrips * shortBytes) / (longBytes - shortBytes));
  const bankBytes = bankStrips * shortBytes + longStrips * (longBytes - shortBytes);
  // The last strip is not copied by words, so it takes what is left of four.
  const lastBytes = leastLast + ((bytes - bankBytes - leastLast - markerBytes) % 4);
  return {
    prefixBytes: bytes - bankBytes - lastBytes - markerBytes,
    fillingBits,
    bankStrips,
    shortBytes,
    longBytes,
    longStrips,
    lastBytes,
  };
}

/** Where a strip of the bank begins, and with `strip` = `bankStrips` where they end. */
export function stripOffset(layout: Layout, strip: number): number {
  const long = layout.bankStrips === 0 ? 0 : Math.floor((strip * layout.longStrips) / layout.bankStrips);
  return layout.prefixBytes + strip * layout.shortBytes + long * (layout.longBytes - layout.shortBytes);
}

/** The last strip of the bank that begins at `offset` or before it. */
export function stripAt(layout: Layout, offset: number): number {
  const bankBytes = stripOffset(layout, layout.bankStrips) - layout.prefixBytes;
  const guess = Math.floor(((offset - layout.prefixBytes) / bankBytes) * layout.bankStrips);
  let strip = Math.max(0, Math.min(layout.bankStrips - 1, guess));
  while (strip > 0 && stripOffset(layout, strip) > offset) {
    strip -= 1;
  }
  while (strip + 1 < layout.bankStrips && stripOffset(layout, strip + 1) <= offset) {
    strip += 1;
  }
  return strip;
}
