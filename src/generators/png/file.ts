import { crc32 } from 'node:zlib';
import { mix } from '../../base/random.ts';
import type { ByteRange } from '../../model/corpus.ts';
import { levels, pieceBytes, pngBank, variants } from './bank.ts';
import {
  blockBytes,
  blockHeader,
  chunkFrame,
  headerEnd,
  identityBytes,
  type Layout,
  layoutOf,
  type Part,
  type PngShape,
  partAt,
  partBytes,
  signature,
  zlibHeader,
} from './layout.ts';
import { composeRows, RowAdler, rowBytesOf } from './picture.ts';

/** Writes length, type and CRC around the `length` bytes of data that stand at `at` + 8. */
function frame(buffer: Buffer, at: number, type: string, length: number): void {
  buffer.writeUInt32BE(length, at);
  buffer.write(type, at + 4, 'latin1');
  buffer.writeUInt32BE(crc32(buffer.subarray(at + 4, at + 8 + length)), at + 8 + length);
}

/** Noise, since zeros would shrink on the way. */
function fillNoise(buffer: Buffer, start: number, end: number, key: number): void {
  for (let at = start; at < end; at += pieceBytes) {
    const word = mix(key, at);
    const piece = pngBank.piece((word >>> 16) % levels, word % variants);
    buffer.set(at + pieceBytes <= end ? piece : piece.subarray(0, end - at), at);
  }
}

/** Composes the parts of one file, one at a time, into one buffer. */
class PartWriter {
  readonly buffer: Buffer;
  readonly #shape: PngShape;
  readonly #layout: Layout;
  /** Only where the last part is asked for. It follows the parts, so that a large picture does not hold up the last. */
  readonly #adler: RowAdler | null;

  constructor(shape: PngShape, layout: Layout, endsWithLast: boolean) {
    this.buffer = Buffer.allocUnsafeSlow(Math.min(partBytes, shape.bytes));
    this.#shape = shape;
    this.#layout = layout;
    this.#adler = endsWithLast ? new RowAdler(shape) : null;
  }

  compose(part: Part): void {
    const length = part.end - part.start;
    switch (part.kind) {
      case 'head':
        this.#composeHead(length);
        break;
      case 'padding':
        fillNoise(this.buffer, 8, length - 4, mix(this.#shape.key, part.index + 1));
        frame(this.buffer, 0, 'hrPd', length - chunkFrame);
        break;
      case 'data':
        this.#composeData(part);
        break;
    }
  }

  #composeHead(length: number): void {
    const { buffer } = this;
    const { width, height, id, key } = this.#shape;
    buffer.set(signature, 0);
    const header = signature.length;
    buffer.writeUInt32BE(width, header + 8);
    buffer.writeUInt32BE(height, header + 12);
    // Eight bits, RGB, deflate, the five filters, not interlaced.
    buffer.set([8, 2, 0, 0, 0], header + 16);
    frame(buffer, header, 'IHDR', 13);
    buffer.writeUInt32BE(id, headerEnd + 8);
    fillNoise(buffer, headerEnd + 8 + identityBytes, length - 4, key);
    frame(buffer, headerEnd, 'hrId', length - headerEnd - chunkFrame);
  }

  #composeData({ index, isLast }: Part): void {
    const { buffer } = this;
    const from = index * blockBytes;
    const to = Math.min(this.#layout.rawBytes, from + blockBytes);
    let at = 8;
    if (index === 0) {
      // Deflate with a window of 32 KiB, no dictionary, fastest (RFC 1950, section 2.2).
      buffer.set([0x78, 0x01], at);
      at += zlibHeader;
    }
    buffer[at] = isLast ? 1 : 0;
    buffer.writeUInt16LE(to - from, at + 1);
    buffer.writeUInt16LE(65_535 - (to - from), at + 3);
    at += blockHeader;
    composeRows(buffer, at, this.#shape, from, to);
    at += to - from;
    const checksum = this.#adler?.upTo(Math.floor(to / rowBytesOf(this.#shape)));
    if (isLast && checksum !== undefined) {
      at = buffer.writeUInt32BE(checksum, at);
    }
    frame(buffer, 0, 'IDAT', at - 8);
    if (isLast) {
      frame(buffer, at + 4, 'IEND', 0);
    }
  }
}

/** Yields one buffer again and again: its content holds until the next chunk is asked for. */
export function* pngChunks(shape: PngShape, range?: ByteRange): Generator<Uint8Array, void, void> {
  const end = Math.min(shape.bytes, range?.end ?? Number.POSITIVE_INFINITY);
  let at = Math.max(0, range?.start ?? 0);
  if (at >= end) {
    return;
  }
  const layout = layoutOf(shape);
  const writer = new PartWriter(shape, layout, partAt(layout, end - 1).isLast);
  while (at < end) {
    const part = partAt(layout, at);
    writer.compose(part);
    const stop = Math.min(end, part.end);
    yield writer.buffer.subarray(at - part.start, stop - part.start);
    at = stop;
  }
}
