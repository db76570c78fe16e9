import { mix } from '../../base/random.ts';
import { type Geometry, geometryOf } from './geometry.ts';
import { chromaTables, type HuffmanTable, lumaTables } from './huffman.ts';
import { mcusPerStrip } from './sampling.ts';

/** Marker codes of T.81, table B.1. */
export const markers = {
  startOfFrame: 0xc0,
  huffmanTables: 0xc4,
  firstRestart: 0xd0,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  quantisationTables: 0xdb,
  restartInterval: 0xdd,
  application: 0xe0,
  comment: 0xfe,
} as const;

/** A comment takes at least its marker and its length. */
export const leastCommentBytes = 4;
export const mostCommentBytes = 65_537;

function segment(marker: number, ...content: readonly number[]): number[] {
  const length = content.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...content];
}

function words(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value >> 8, value & 255]);
}

function textBytes(text: string): number[] {
  return [...Buffer.from(text, 'latin1')];
}

function tableBytes(place: number, { counts, symbols }: HuffmanTable): number[] {
  return [place, ...counts, ...symbols];
}

/** Always ten digits, so that sizes do not depend on the identity. */
function identityComment(id: number): number[] {
  return segment(markers.comment, ...textBytes(`headroom image ${String(id).padStart(10, '0')}`));
}

const tables = [
  // All steps are 1, so that the few bits of a coefficient are all of it.
  ...segment(markers.quantisationTables, 0, ...new Uint8Array(64).fill(1)),
  ...segment(
    markers.huffmanTables,
    ...tableBytes(0x00, lumaTables.dc),
    ...tableBytes(0x10, lumaTables.ac),
    ...tableBytes(0x01, chromaTables.dc),
    ...tableBytes(0x11, chromaTables.ac),
  ),
];
const restartInterval = segment(markers.restartInterval, ...words(mcusPerStrip));
const startOfScan = segment(markers.startOfScan, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0);

function beforeFilling({ width, height, sampling, strips }: Geometry, id: number): number[] {
  const luma = (sampling.lumaSide << 4) | sampling.lumaSide;
  return [
    0xff,
    markers.startOfImage,
    // JFIF 1.01, square pixels, no thumbnail.
    ...segment(markers.application, ...textBytes('JFIF\0'), 1, 1, 0, ...words(1, 1), 0, 0),
    ...identityComment(id),
    ...segment(markers.startOfFrame, 8, ...words(height, width), 3, 1, luma, 0, 2, 0x11, 0, 3, 0x11, 0),
    ...tables,
    ...(strips > 1 ? restartInterval : []),
  ];
}

const commonBytes = beforeFilling(geometryOf(1, 1, '4:4:4'), 0).length + startOfScan.length;

/** Without the filling comment. */
export function headerBytes({ strips }: Geometry): number {
  return commonBytes + (strips > 1 ? restartInterval.length : 0);
}

/** The header up to the first coded bit; a comment of `fillingBytes` with random text makes sizes exact. */
export function writeHeader(
  target: Uint8Array,
  geometry: Geometry,
  { id, fillingBytes, key }: { id: number; fillingBytes: number; key: number },
): number {
  const start = beforeFilling(geometry, id);
  target.set(start, 0);
  let at = start.length;
  target.set([0xff, markers.comment, ...words(fillingBytes - 2)], at);
  for (let index = leastCommentBytes; index < fillingBytes; index += 1) {
    // 0..o in ASCII.
    target[at + index] = 48 + (mix(key, index) & 63);
  }
  at += fillingBytes;
  target.set(startOfScan, at);
  return at + startOfScan.length;
}
