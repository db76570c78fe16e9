import { drawnIn, type Range } from './buckets.ts';
import { type BytesOf, nearestImage, nearestPossible, possibleRange } from './possible.ts';
import { roundNear } from './rounding.ts';
import type { ShapeBox } from './shapes.ts';

type Params = Readonly<Record<string, unknown>>;

/** What a recipe of `image-jpeg` says of one box. */
export interface DrawnShape {
  params: Params;
  /** No JPEG of the generator with these sides weighs what the source's images do: it is the nearest one. */
  isMoved: boolean;
}

/** A photograph of a telephone has about one, where the source gives pixels only. */
export const usualBitsPerPixel = 1;
/** Of all images, or so many of a few: a box of more is no tail. */
const mostTailShare = 0.03;
const leastTailFiles = 5;
/** From nearly empty to noise: at one of them an image of any sides is possible. */
const triedBitsPerPixel = [1, 2, 0.5, 4, 0.3, 8, 16, 32] as const;
/** What rounding to hundredths of a bit may cost. */
const moveTolerance = 0.1;

const numberOrRange = ({ from, to }: Range): number | Range => (from === to ? from : { from, to });

/** The sizes nearest to the wanted ones that a JPEG of these sides can have. */
function possibleBytes({ from, to }: Range, sides: Params, bytesOf: BytesOf): Range {
  const isPossible = (bytes: number): boolean => bytesOf({ ...sides, bytes }) !== null;
  const known = triedBitsPerPixel
    .map((bitsPerPixel) => bytesOf({ ...sides, bitsPerPixel }))
    .find((bytes) => bytes !== null && isPossible(bytes));
  return known === undefined || known === null
    ? { from, to }
    : { from: nearestPossible(from, known, isPossible), to: nearestPossible(to, known, isPossible) };
}

/**
 * Bits a pixel at which the mean image of the box weighs as much as those of the source do: a recipe's bits are
 * those of the pixels' code, to which a small image's headers add a good part.
 */
function drawBits(wanted: number, { mean }: ShapeBox, bytesOf: BytesOf): { bitsPerPixel: number; isMoved: boolean } {
  const sides = { width: Math.round(mean.width), height: Math.round(mean.height) };
  const madeBytes = (hundredths: number): number | null => bytesOf({ ...sides, bitsPerPixel: hundredths / 100 });
  const isPossible = (hundredths: number): boolean => madeBytes(hundredths) !== null;
  const known = triedBitsPerPixel.map((bits) => bits * 100).find(isPossible);
  if (known === undefined || (mean.bitsPerPixel === null && isPossible(wanted * 100))) {
    return { bitsPerPixel: wanted, isMoved: false };
  }
  const wantedBytes = (wanted * sides.width * sides.height) / 8;
  const bytesAt = (hundredths: number): number => madeBytes(hundredths) ?? 0;
  const nearest = nearestImage(wantedBytes, possibleRange(known, isPossible), bytesAt);
  return {
    bitsPerPixel: nearest / 100,
    isMoved: Math.abs(bytesAt(nearest) / wantedBytes - 1) > moveTolerance,
  };
}

/** The range of whole numbers with that mean. */
function rangeAround(range: Range, mean: number): Range {
  const { from, to } = drawnIn(range, mean);
  const whole = (value: number): number => Math.min(range.to, Math.max(range.from, Math.round(roundNear(value, 3))));
  return { from: whole(from), to: whole(to) };
}

/** Whether the box holds the largest or the heaviest file: what ends a server keeps its whole range. */
function holds(most: keyof ShapeBox['most'], box: ShapeBox, boxes: readonly ShapeBox[]): boolean {
  return boxes.every((other) => other.most[most] <= box.most[most]);
}

/** The few with the heaviest file all weigh as much a pixel as the heaviest: their mean would leave it out. */
function bitsWanted(box: ShapeBox, boxes: readonly ShapeBox[]): number {
  const total = boxes.reduce((all, { count }) => all + count, 0);
  const isTail = box.count <= Math.max(leastTailFiles, total * mostTailShare);
  const mean = box.mean.bitsPerPixel ?? usualBitsPerPixel;
  return isTail && holds('bytes', box, boxes) ? (box.weight?.to ?? mean) : mean;
}

/** Bytes where the sides are exact; bits a pixel where they vary, so that small images get no large files. */
export function drawShape(box: ShapeBox, boxes: readonly ShapeBox[], bytesOf: BytesOf): DrawnShape {
  const isLargest = holds('pixels', box, boxes);
  const sides = {
    width: numberOrRange(isLargest ? box.width : rangeAround(box.width, box.mean.width)),
    height: numberOrRange(isLargest ? box.height : rangeAround(box.height, box.mean.height)),
  };
  if (box.weighs === 'bitsPerPixel' || box.weight === null) {
    const { bitsPerPixel, isMoved } = drawBits(bitsWanted(box, boxes), box, bytesOf);
    return { params: { ...sides, bitsPerPixel }, isMoved };
  }
  const wanted = holds('bytes', box, boxes) ? box.weight : rangeAround(box.weight, box.mean.bytes);
  const bytes = possibleBytes(wanted, sides, bytesOf);
  return {
    params: { ...sides, bytes: numberOrRange(bytes) },
    isMoved: bytes.from !== wanted.from || bytes.to !== wanted.to,
  };
}
