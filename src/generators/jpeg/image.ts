import { createRandom } from '../../base/random.ts';
import type { ByteRange } from '../../model/corpus.ts';
import { putBand } from './band.ts';
import { stripBank } from './bank.ts';
import { BitWriter } from './bit-writer.ts';
import { type Geometry, geometryOf } from './geometry.ts';
import { headerBytes, leastCommentBytes, markers, mostCommentBytes, writeHeader } from './header.ts';
import { type Layout, layoutOf, stripAt, stripOffset } from './layout.ts';
import { type CopyTarget, copyStrip } from './reseed.ts';
import type { Subsampling } from './sampling.ts';
import { createPredictions, putNoise } from './strip.ts';

const chunkBytes = 65_536;

/** All that an image is: its bytes follow from these. */
export interface ImageShape {
  width: number;
  height: number;
  subsampling: Subsampling;
  /** `sparse` alters one word of sixteen that it copies, `full` every one. */
  entropy: 'sparse' | 'full';
  bytes: number;
  id: number;
  /** With `noiseKey` chooses strips and free bits; no two images share both. */
  stripKey: number;
  noiseKey: number;
}

function prefixOf(shape: ImageShape, geometry: Geometry, layout: Layout): Uint8Array {
  const { id, stripKey, noiseKey } = shape;
  const band = new Uint8Array(layout.prefixBytes);
  const writer = new BitWriter(band, new Uint8Array(band.length));
  const random = createRandom(`image-jpeg/band/${stripKey}/${noiseKey}`);
  putBand(writer, geometry, { id, fillingBits: layout.fillingBits, random });
  const prefix = new Uint8Array(layout.prefixBytes);
  const fillingBytes = prefix.length - headerBytes(geometry) - writer.length;
  if (fillingBytes < leastCommentBytes || fillingBytes > mostCommentBytes) {
    throw new RangeError(`an image of ${shape.bytes} bytes leaves ${fillingBytes} for its comment`);
  }
  const at = writeHeader(prefix, geometry, { id, fillingBytes, key: noiseKey });
  prefix.set(band.subarray(0, writer.length), at);
  return prefix;
}

function lastStrip({ stripKey, noiseKey }: ImageShape, geometry: Geometry, { lastBytes }: Layout): Uint8Array {
  const strip = new Uint8Array(lastBytes + 2);
  const writer = new BitWriter(strip, new Uint8Array(strip.length));
  const random = createRandom(`image-jpeg/last/${stripKey}/${noiseKey}`);
  const length = { mcus: geometry.lastMcus, bits: lastBytes * 8 };
  putNoise(writer, geometry.sampling, length, { predictions: createPredictions(), random });
  writer.flush();
  writer.marker(markers.endOfImage);
  return strip;
}

/** Puts a piece of the file that begins at `at` where it lies within `target`, whose first byte is `start`. */
function placePiece(target: Uint8Array, start: number, piece: Uint8Array, at: number): void {
  const from = Math.max(0, start - at);
  const to = Math.min(piece.length, start + target.length - at);
  if (from < to) {
    target.set(piece.subarray(from, to), at + from - start);
  }
}

/** An image that is being read: what its chunks share. */
class ImageFile {
  readonly #shape: ImageShape;
  readonly #geometry: Geometry;
  readonly #layout: Layout;
  /** Byte at which the last strip begins. */
  readonly #lastStart: number;
  #prefix: Uint8Array | null = null;

  constructor(shape: ImageShape) {
    this.#shape = shape;
    this.#geometry = geometryOf(shape.width, shape.height, shape.subsampling);
    this.#layout = layoutOf(this.#geometry, shape.bytes);
    this.#lastStart = stripOffset(this.#layout, this.#layout.bankStrips);
  }

  /** Fills the target with bytes from `start` on, a multiple of 4. */
  fill(target: CopyTarget, start: number): void {
    const end = start + target.bytes.length;
    const { prefixBytes } = this.#layout;
    if (start < prefixBytes) {
      this.#prefix ??= prefixOf(this.#shape, this.#geometry, this.#layout);
      placePiece(target.bytes, start, this.#prefix, 0);
    }
    this.#copyStrips(target, start, Math.max(start, prefixBytes), Math.min(end, this.#lastStart));
    if (end > this.#lastStart) {
      placePiece(target.bytes, start, lastStrip(this.#shape, this.#geometry, this.#layout), this.#lastStart);
    }
  }

  #copyStrips(target: CopyTarget, start: number, from: number, to: number): void {
    if (from >= to) {
      return;
    }
    const layout = this.#layout;
    const { bandStrips, sampling } = this.#geometry;
    const short = stripBank(sampling, layout.shortBytes);
    const long = stripBank(sampling, layout.longBytes);
    let strip = stripAt(layout, from);
    let at = stripOffset(layout, strip);
    while (at < to) {
      const next = stripOffset(layout, strip + 1);
      const bank = next - at === layout.longBytes ? long : short;
      copyStrip(target, { at: at - start, strip: bandStrips + strip }, bank, this.#shape);
      at = next;
      strip += 1;
    }
  }
}

/** Yields one buffer again and again: its content holds until the next chunk is asked for. */
export function* imageChunks(shape: ImageShape, range?: ByteRange): Generator<Uint8Array, void, void> {
  const end = Math.min(shape.bytes, range?.end ?? Number.POSITIVE_INFINITY);
  const start = Math.max(0, range?.start ?? 0);
  if (start >= end) {
    return;
  }
  const file = new ImageFile(shape);
  // Strips are altered word by word, and words begin at multiples of 4 of the file.
  let at = start - (start % 4);
  const buffer = new ArrayBuffer(Math.min(chunkBytes, Math.ceil((end - at) / 4) * 4));
  while (at < end) {
    const next = Math.min(end, at + buffer.byteLength);
    const words = new Int32Array(buffer, 0, Math.ceil((next - at) / 4));
    const bytes = new Uint8Array(buffer, 0, words.byteLength);
    file.fill({ bytes, words }, at);
    yield bytes.subarray(Math.max(0, start - at), next - at);
    at = next;
  }
}
