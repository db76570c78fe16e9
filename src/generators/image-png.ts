import { z } from 'zod';
import { groupedDigits } from '../base/grouped-digits.ts';
import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { countsOf, portionShape } from './distribution/buckets.ts';
import { orderItems } from './distribution/quantities.ts';
import { invalidParam, parseParams } from './params/parse-params.ts';
import { pngChunks } from './png/file.ts';
import { leastPngBytes, type PngShape } from './png/layout.ts';
import { chooseColours, hasBand } from './png/picture.ts';

/** As for JPEG, so that a recipe may be carried over; a PNG could have sides of 2^31 - 1. */
const longestSide = 65_535;
const identityCount = 4_294_967_296;
const side = z.int().min(1).max(longestSide);

export const imagePngParams = z.strictObject({
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
  shapes: z
    .array(
      z.strictObject({
        width: side.describe('Pixels'),
        height: side.describe('Pixels'),
        bytes: z
          .int()
          .min(1)
          .max(0xffff_ffff)
          .optional()
          .describe('Size of the file, padded outside of the picture; without it, the least for these pixels'),
        ...portionShape,
      }),
    )
    .min(1),
});
type Params = z.infer<typeof imagePngParams>;
type ShapeParam = Params['shapes'][number];

/** Bytes of each shape. Throws RECIPE_INVALID for a size that its pixels do not fit in. */
function bytesOf({ width, height, bytes }: ShapeParam, index: number, place: string): number {
  const least = leastPngBytes({ width, height });
  if (bytes !== undefined && bytes < least) {
    throw invalidParam(
      place,
      ['shapes', index, 'bytes'],
      `a PNG of ${width} x ${height} pixels has at least ${groupedDigits(least)} bytes, not ${groupedDigits(bytes)}.`,
      `Write "bytes: ${least}" or more, leave \`bytes\` out, or take fewer pixels.`,
    );
  }
  return bytes ?? least;
}

function createItem(corpus: string, index: number, shape: PngShape): CorpusItem {
  const number = String(index).padStart(5, '0');
  const { width, height } = shape;
  return {
    id: `${corpus}/${number}`,
    bytes: shape.bytes,
    sha256: null,
    mediaType: 'image/png',
    fileName: `${corpus}-${number}.png`,
    content: 'code',
    traits: { pixels: width * height, width, height },
    truth: hasBand(shape) ? { imageId: String(shape.id) } : {},
    attachments: [],
    chunks: (range) => pngChunks(shape, range),
  };
}

/** PNG pictures of smooth colour under noise, uncompressed inside, with an identity along their top. */
export const imagePng: CorpusGenerator = {
  id: 'image-png',
  title: 'PNG images of exact size with a planted identity',
  version: 1,
  params: imagePngParams,
  items(params, { name, count, random, place }) {
    const { shapes, order } = parseParams(imagePngParams, params, place);
    const counts = countsOf(shapes, count, place, 'shapes');
    const sized = shapes.map((shape, index) => ({ ...shape, bytes: bytesOf(shape, index, place) }));
    const byShape = sized.map((shape, index) => new Array<(typeof sized)[number]>(counts[index] ?? 0).fill(shape));
    const firstIdentity = random.fork('identity').below(identityCount);
    const keys = random.fork('keys');
    const colours = random.fork('colours');
    return orderItems(byShape, order, random.fork('order')).map(({ width, height, bytes }, index) =>
      createItem(name, index, {
        width,
        height,
        bytes,
        id: (firstIdentity + index) % identityCount,
        ...chooseColours(colours),
        key: keys.uint32(),
      }),
    );
  },
};
