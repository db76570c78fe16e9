import { groupedDigits } from '../../base/grouped-digits.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { Range } from './buckets.ts';
import { type DraftRules, type FitDraft, leastFilesFor, type Measure, portionOf } from './draft.ts';
import { drawShape, usualBitsPerPixel } from './image-params.ts';
import type { BytesOf } from './possible.ts';
import type { ImageShape } from './sample.ts';
import { type ShapeBox, shapeBoxesOf } from './shapes.ts';

/** More than for lengths, since a shape has two sides and a size. */
const usualBoxes = 24;
const mostTries = 8;
/** A shape of fewer could be one file's own. */
const fewImages = 3;
/** Above it a decoder meets clipped samples if four pixels share a colour. */
const mostBitsOfSharedColour = 10;
type Params = Readonly<Record<string, unknown>>;

const within = ({ from, to }: Range, value: number): boolean => from <= value && value <= to;

function paramsOf(subsampling: string, shapes: readonly Params[]): Params {
  return { subsampling, order: 'interleaved', shapes };
}

function sideText({ from, to }: Range): string {
  return from === to ? String(from) : `${from}–${to}`;
}

/** With the numbers of the recipe. */
function labelOf({ width, height, weighs, weight }: ShapeBox): string {
  const sides = `${sideText(width)} x ${sideText(height)}`;
  if (weight === null) {
    return sides;
  }
  return weighs === 'bytes'
    ? `${sides}, ${groupedDigits(weight.from)} – ${groupedDigits(weight.to)} B`
    : `${sides}, ${weight.from} – ${weight.to} bits a pixel`;
}

/** How far a weight lies outside of the box's, as a ratio; 1: it lies within. */
function missOf({ weighs, weight }: ShapeBox, bytes: number, pixels: number): number {
  const value = weighs === 'bytes' ? bytes : (bytes * 8) / pixels;
  return weight === null || within(weight, value) ? 1 : Math.max(weight.from / value, value / weight.to);
}

/**
 * Of the boxes with these sides the one whose weight comes nearest, since headers add to what the recipe says of small
 * images. Boxes of one size come first in the list, and what has their size is theirs.
 */
function boxesHolding(boxes: readonly ShapeBox[], item: CorpusItem): number[] {
  const width = item.traits['width'] ?? 0;
  const height = item.traits['height'] ?? 0;
  const holding = boxes.flatMap((box, index) =>
    within(box.width, width) && within(box.height, height)
      ? [{ index, weighs: box.weighs, miss: missOf(box, item.bytes, width * height) }]
      : [],
  );
  const own = holding.filter(({ weighs }) => weighs === holding[0]?.weighs);
  return own
    .sort((a, b) => a.miss - b.miss)
    .slice(0, 1)
    .map(({ index }) => index);
}

function measuresOf(shapes: readonly ImageShape[]): Measure[] {
  const pixels: Measure = {
    title: 'pixels',
    unit: 'pixels',
    source: shapes.map(({ width, height }) => width * height),
    ofItem: (item) => item.traits['pixels'] ?? 0,
  };
  const bytes = shapes.flatMap((shape) => shape.bytes ?? []);
  return bytes.length < shapes.length
    ? [pixels]
    : [pixels, { title: 'size', unit: 'bytes', source: bytes, ofItem: (item) => item.bytes }];
}

function notesOf(shapes: readonly ImageShape[], boxes: readonly ShapeBox[], moved: number): string[] {
  const few = boxes.filter(({ count }) => count < fewImages).length;
  const guess = `the recipe says ${usualBitsPerPixel} bit a pixel. Edit bitsPerPixel if that is wrong.`;
  return [
    ...(shapes.every(({ bytes }) => bytes !== null) ? [] : [`The source gives no bytes: ${guess}`]),
    ...(few === 0 ? [] : [`Shapes of fewer than ${fewImages} images, since no others are like them: ${few}.`]),
    ...(moved === 0
      ? []
      : [`Images with a size that the generator cannot make with their sides: ${moved}. Theirs is the nearest.`]),
  ];
}

/** Sides and sizes of images as a recipe of `image-jpeg`. */
export function draftImages(shapes: readonly ImageShape[], rules: DraftRules, bytesOf: BytesOf): FitDraft {
  const boxes = shapeBoxesOf(shapes, {
    boxes: rules.buckets ?? usualBoxes,
    leastFiles: leastFilesFor(shapes.length, rules),
  });
  const bits = shapes.reduce((all, { bytes }) => all + (bytes ?? 0) * 8, 0);
  const pixels = shapes.reduce((all, { width, height }) => all + width * height, 0);
  const subsampling = bits / pixels > mostBitsOfSharedColour ? '4:4:4' : '4:2:0';
  const bytesOfShape = (shape: Params): number | null => bytesOf(paramsOf(subsampling, [{ ...shape, count: 1 }]));
  const drawn = boxes.map((box) => ({ box, ...drawShape(box, boxes, bytesOfShape) }));
  const moved = drawn.reduce((all, { box, isMoved }) => all + (isMoved ? box.count : 0), 0);
  return {
    title: `Images of ${boxes.length} shapes, fitted to sizes that were seen`,
    generator: 'image-jpeg',
    variants: [
      paramsOf(
        subsampling,
        drawn.map(({ box, params }) => ({ ...params, ...portionOf(box.count, shapes.length, rules) })),
      ),
    ],
    parts: boxes.map((box) => ({ label: labelOf(box), sourceCount: box.count })),
    partsHolding: (item) => boxesHolding(boxes, item),
    measures: measuresOf(shapes),
    notes: notesOf(shapes, boxes, moved),
    mostTries,
  };
}
