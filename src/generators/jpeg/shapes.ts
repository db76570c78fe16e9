import { groupedDigits } from '../../base/grouped-digits.ts';
import { type Random, shuffled } from '../../base/random.ts';
import { countsOf } from '../distribution/buckets.ts';
import { orderItems, planQuantities } from '../distribution/quantities.ts';
import { invalidParam } from '../params/parse-params.ts';
import { geometryOf } from './geometry.ts';
import { bytesAtRate, rateLimits, sizeLimits } from './layout.ts';
import type { ImageJpegParams, ShapeParams } from './params.ts';
import { type Subsampling, samplings } from './sampling.ts';

export interface PlannedImage {
  width: number;
  height: number;
  bytes: number;
}

/** So many whole numbers that fill the range evenly, in random order. */
function valuesOf(quantity: ShapeParams['width'], count: number, random: Random): number[] {
  if (typeof quantity === 'number') {
    return new Array<number>(count).fill(quantity);
  }
  const [values = []] = planQuantities([quantity], [count], random.fork('values')).values(1);
  const whole = values.map((value) => Math.floor(value + 0.5));
  return shuffled(whole, random.fork('order'));
}

type Refuse = (path: readonly PropertyKey[], what: string, hint: string) => Error;

function checkShape(shape: ShapeParams, subsampling: Subsampling, refuse: Refuse): void {
  for (const key of ['width', 'height', 'bytes'] as const) {
    const quantity = shape[key];
    if (typeof quantity === 'object' && quantity.from > quantity.to) {
      throw refuse([key], '`from` is above `to`.', 'Swap the two.');
    }
  }
  if ((shape.bytes === undefined) === (shape.bitsPerPixel === undefined)) {
    throw refuse([], 'needs `bytes` or `bitsPerPixel`.', 'Give one of the two.');
  }
  const { least, most } = rateLimits(samplings[subsampling]);
  const bits = shape.bitsPerPixel ?? least;
  if (bits < least || bits > most) {
    throw refuse(
      ['bitsPerPixel'],
      `a ${subsampling} image cannot have ${bits} bits per pixel.`,
      `Choose between ${Math.ceil(least * 100) / 100} and ${Math.floor(most * 100) / 100}.`,
    );
  }
}

function planShape(
  shape: ShapeParams,
  count: number,
  { subsampling, random, refuse }: { subsampling: Subsampling; random: Random; refuse: Refuse },
): PlannedImage[] {
  checkShape(shape, subsampling, refuse);
  const heights = valuesOf(shape.height, count, random.fork('height'));
  const sizes = shape.bytes === undefined ? null : valuesOf(shape.bytes, count, random.fork('bytes'));
  return valuesOf(shape.width, count, random.fork('width')).map((width, index) => {
    const height = heights[index] ?? 1;
    const geometry = geometryOf(width, height, subsampling);
    const bytes = sizes?.[index] ?? bytesAtRate(geometry, shape.bitsPerPixel ?? 0);
    const { least, most } = sizeLimits(geometry);
    if (bytes < least || bytes > most) {
      throw refuse(
        ['bytes'],
        `a ${subsampling} image of ${width}x${height} pixels cannot have ${groupedDigits(bytes)} bytes.`,
        `Choose between ${groupedDigits(least)} and ${groupedDigits(most)} bytes, or other sides.`,
      );
    }
    return { width, height, bytes };
  });
}

/** Sides and size of each item, in order. Throws RECIPE_INVALID for a size that the sides do not allow. */
export function planImages(
  { subsampling, order, shapes }: ImageJpegParams,
  { count, random, place }: { count: number; random: Random; place: string },
): PlannedImage[] {
  const counts = countsOf(shapes, count, place, 'shapes');
  const planned = shapes.map((shape, index) =>
    planShape(shape, counts[index] ?? 0, {
      subsampling,
      random: random.fork(`shape/${index}`),
      refuse: (path, what, hint) => invalidParam(place, ['shapes', index, ...path], what, hint),
    }),
  );
  return orderItems(planned, order, random.fork('order'));
}
