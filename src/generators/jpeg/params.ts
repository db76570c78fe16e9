import { z } from 'zod';
import { portionShape } from '../distribution/buckets.ts';

/** T.81, table B.2: 16 bits; a height of 0 would stand after the scan. */
const longestSide = 65_535;
const sideLimits = `1 to ${longestSide} pixels`;
const side = z.int().min(1).max(longestSide);

function oneOrRange(quantity: z.ZodNumber, limits: string, what: string) {
  const range = z.strictObject({ from: quantity.describe('Least'), to: quantity.describe('Most') });
  return z.union([quantity, range], { error: `must be ${limits}, or a range of them, { from, to }` }).describe(what);
}

const shapeSchema = z.strictObject({
  width: oneOrRange(side, sideLimits, 'Pixels, or a range that the widths fill evenly'),
  height: oneOrRange(side, sideLimits, 'Pixels, or a range that the heights fill evenly, independent of the widths'),
  bytes: oneOrRange(
    z.int().min(1),
    'whole bytes',
    'Bytes of the whole file, or a range that they fill evenly',
  ).optional(),
  bitsPerPixel: z.number().positive().optional().describe('What the code of a pixel takes, instead of `bytes`'),
  ...portionShape,
});

export const imageJpegParams = z.strictObject({
  subsampling: z.enum(['4:4:4', '4:2:0']).describe('4:2:0: one colour for four pixels, as cameras write'),
  entropy: z
    .enum(['sparse', 'full'])
    .default('sparse')
    .describe('full: slower, but no compressor on the way finds anything twice'),
  order: z.enum(['shuffled', 'interleaved']).default('shuffled').describe('interleaved: every prefix has the shares'),
  shapes: z.array(shapeSchema).min(1).describe('Sides and sizes, and how many items have them'),
});
export type ImageJpegParams = z.infer<typeof imageJpegParams>;
export type ShapeParams = ImageJpegParams['shapes'][number];
