import { type Picture, rowBytesOf } from './picture.ts';

/**
 * signature IHDR hrId [hrPd ...] IDAT ... IDAT IEND
 *
 * Each IDAT holds one stored deflate block (RFC 1951, section 3.2.4), so that every byte has a known place. hrId and
 * hrPd are private ancillary chunks, which decoders skip (W3C PNG, section 5.4): the identity, and padding.
 */
export interface PngShape extends Picture {
  bytes: number;
}

export const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;
/** Length, type and CRC of a chunk. */
export const chunkFrame = 12;
export const headerEnd = signature.length + chunkFrame + 13;
export const identityBytes = 4;
export const blockHeader = 5;
export const zlibHeader = 2;
const zlibTrailer = 4;
/** The largest part of a file. */
export const partBytes = 65_536;
/** An only IDAT with IEND behind it fills a part. */
export const blockBytes = partBytes - 2 * chunkFrame - zlibHeader - blockHeader - zlibTrailer;
/** What libpng refuses is far more: an ancillary chunk over 8 MB. */
const paddingChunk = 65_000;
const idatStep = chunkFrame + blockHeader + blockBytes;

/** A part of the file that is composed as one: the head, a padding chunk, or an IDAT (the last one with IEND). */
export interface Part {
  kind: 'head' | 'padding' | 'data';
  index: number;
  isLast: boolean;
  start: number;
  end: number;
}

export interface Layout {
  fileBytes: number;
  /** Signature, IHDR and hrId, which takes the padding that is too little for a chunk of its own. */
  headBytes: number;
  dataStart: number;
  blocks: number;
  rawBytes: number;
}

function blocksOf(picture: { width: number; height: number }): { rawBytes: number; blocks: number } {
  const rawBytes = rowBytesOf(picture) * picture.height;
  return { rawBytes, blocks: Math.ceil(rawBytes / blockBytes) };
}

/** Bytes of a file of this size without padding. */
export function leastPngBytes(picture: { width: number; height: number }): number {
  const { rawBytes, blocks } = blocksOf(picture);
  const data = rawBytes + blocks * (chunkFrame + blockHeader) + zlibHeader + zlibTrailer;
  return headerEnd + chunkFrame + identityBytes + data + chunkFrame;
}

export function layoutOf(shape: PngShape): Layout {
  const padding = shape.bytes - leastPngBytes(shape);
  const headBytes = headerEnd + chunkFrame + identityBytes + (padding % paddingChunk);
  const dataStart = headBytes + padding - (padding % paddingChunk);
  return { fileBytes: shape.bytes, headBytes, dataStart, ...blocksOf(shape) };
}

/** The part that holds byte `at` of the file. */
export function partAt({ fileBytes, headBytes, dataStart, blocks }: Layout, at: number): Part {
  if (at < headBytes) {
    return { kind: 'head', index: 0, isLast: false, start: 0, end: headBytes };
  }
  if (at < dataStart) {
    const index = Math.floor((at - headBytes) / paddingChunk);
    const start = headBytes + index * paddingChunk;
    return { kind: 'padding', index, isLast: false, start, end: start + paddingChunk };
  }
  const index = Math.min(blocks - 1, Math.floor(Math.max(0, at - dataStart - zlibHeader) / idatStep));
  const isLast = index === blocks - 1;
  // The first IDAT begins with the header of the zlib stream.
  const start = dataStart + index * idatStep + (index === 0 ? 0 : zlibHeader);
  return {
    kind: 'data',
    index,
    isLast,
    start,
    end: isLast ? fileBytes : dataStart + (index + 1) * idatStep + zlibHeader,
  };
}
