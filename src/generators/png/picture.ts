import { imageCodeCells, imageCodeOf } from '../../base/image-code.ts';
import { mix, type Random } from '../../base/random.ts';
import { Adler } from './adler.ts';
import { levels, pieceBytes, piecePixels, pngBank, variants } from './bank.ts';

/** Rows of the band with the identity: enough of them are left after a resize to a few hundred pixels. */
const bandRows = 32;

/** All that a picture is: its pixels follow from these. */
export interface Picture {
  width: number;
  height: number;
  /** In the band along the top, if the picture is wide enough for one. */
  id: number;
  /** Places on the colour ramp at the four corners (rows first) and how far the middle is lifted. */
  corners: readonly [number, number, number, number];
  bow: number;
  /** Chooses the noise. */
  key: number;
}

export function hasBand({ width }: { width: number }): boolean {
  return width >= imageCodeCells;
}

/** Colours of a new picture: any four corners, and a middle that may be lighter or darker. */
export function chooseColours(random: Random): Pick<Picture, 'corners' | 'bow'> {
  const corner = (): number => random.real() * (levels - 1);
  return { corners: [corner(), corner(), corner(), corner()], bow: (random.real() - 0.5) * levels };
}

/** A filter byte (0: none) and three bytes a pixel (W3C PNG, sections 7.2 and 9). */
export function rowBytesOf({ width }: { width: number }): number {
  return 1 + width * 3;
}

/** Level and variant of piece `index` of a row, as level * variants + variant. */
function pieceAt({ width, height, corners, bow }: Picture, row: number, rowKey: number, index: number): number {
  const word = mix(rowKey, index);
  const middle = (index + 0.5) * piecePixels - (rowKey & (piecePixels - 1));
  const across = Math.min(1, Math.max(0, middle / width));
  const down = row / height;
  const start = corners[0] + (corners[2] - corners[0]) * down;
  const end = corners[1] + (corners[3] - corners[1]) * down;
  const lift = bow * 16 * across * (1 - across) * down * (1 - down);
  const exact = Math.min(levels - 1, Math.max(0, start + (end - start) * across + lift));
  // Dithered, so that the steps of the ramp do not show as stripes.
  return Math.floor(exact + (word & 0xffff) / 65_536) * variants + ((word >>> 16) % variants);
}

/** First pixel of each cell of the band, and the end of the last. */
function cellStarts(width: number): Int32Array {
  // Pixel x belongs to cell floor((x + 0.5) * cells / width), as the reader takes it.
  return Int32Array.from({ length: imageCodeCells + 1 }, (_, cell) => Math.ceil((cell * width) / imageCodeCells - 0.5));
}

/** Calls `run` for each cell with its value and its bytes within the row. */
function eachCell(picture: Picture, run: (value: number, from: number, to: number) => void): void {
  const cells = imageCodeOf(picture.id);
  const starts = cellStarts(picture.width);
  for (let cell = 0; cell < imageCodeCells; cell += 1) {
    run((cells[cell] ?? 0) * 255, 1 + (starts[cell] ?? 0) * 3, 1 + (starts[cell + 1] ?? 0) * 3);
  }
}

function isBand(picture: Picture, row: number): boolean {
  return row < bandRows && hasBand(picture);
}

/** Writes what lies in [low, high) of `target` of a noise row whose filter byte is at `rowAt`. */
function composeRow(target: Uint8Array, picture: Picture, row: number, rowAt: number, low: number, high: number): void {
  const rowKey = mix(picture.key, row);
  // Each row begins within a piece, so that the seams between pieces form no columns.
  const firstAt = rowAt + 1 - (rowKey & (piecePixels - 1)) * 3;
  const from = Math.max(low, rowAt + 1);
  let index = Math.max(0, Math.floor((from - firstAt) / pieceBytes));
  for (let at = firstAt + index * pieceBytes; at < high; at += pieceBytes) {
    const chosen = pieceAt(picture, row, rowKey, index);
    const piece = pngBank.piece(Math.floor(chosen / variants), chosen % variants);
    if (at >= from && at + pieceBytes <= high) {
      target.set(piece, at);
    } else {
      target.set(piece.subarray(Math.max(0, from - at), Math.min(pieceBytes, high - at)), Math.max(from, at));
    }
    index += 1;
  }
}

/** Writes bytes [start, end) of the raw image data, which is all rows with their filter bytes, to `target` at `at`. */
export function composeRows(target: Uint8Array, at: number, picture: Picture, start: number, end: number): void {
  const rowBytes = rowBytesOf(picture);
  const limit = at + end - start;
  for (let row = Math.floor(start / rowBytes); row * rowBytes < end; row += 1) {
    const rowAt = at + row * rowBytes - start;
    const high = Math.min(limit, rowAt + rowBytes);
    if (rowAt >= at) {
      target[rowAt] = 0;
    }
    if (isBand(picture, row)) {
      eachCell(picture, (value, from, to) => {
        target.fill(value, Math.max(at, rowAt + from), Math.max(at, Math.min(high, rowAt + to)));
      });
    } else {
      composeRow(target, picture, row, rowAt, at, high);
    }
  }
}

function addRow(adler: Adler, picture: Picture, row: number): void {
  const width = picture.width * 3;
  const rowKey = mix(picture.key, row);
  let at = -(rowKey & (piecePixels - 1)) * 3;
  for (let index = 0; at < width; index += 1) {
    const chosen = pieceAt(picture, row, rowKey, index);
    const level = Math.floor(chosen / variants);
    const variant = chosen % variants;
    if (at >= 0 && at + pieceBytes <= width) {
      const { plain, weighted } = pngBank.sums(level);
      adler.addSums(pieceBytes, plain[variant] ?? 0, weighted[variant] ?? 0);
    } else {
      adler.addBytes(pngBank.piece(level, variant), Math.max(0, -at), Math.min(pieceBytes, width - at));
    }
    at += pieceBytes;
  }
}

/** Adler-32 of the first rows, row after row, from the sums of their pieces: the rows themselves are not needed. */
export class RowAdler {
  readonly #picture: Picture;
  readonly #adler = new Adler();
  #row = 0;

  constructor(picture: Picture) {
    this.#picture = picture;
  }

  upTo(rows: number): number {
    for (; this.#row < rows; this.#row += 1) {
      this.#adler.addRun(0, 1);
      if (isBand(this.#picture, this.#row)) {
        eachCell(this.#picture, (value, from, to) => {
          this.#adler.addRun(value, to - from);
        });
      } else {
        addRow(this.#adler, this.#picture, this.#row);
      }
    }
    return this.#adler.value;
  }
}
