import { z } from 'zod';
import { invalidParam } from '../params/parse-params.ts';
import { shareOut } from './quantities.ts';

/** How many of the items fall into a part of the corpus: a share of all, or a number. */
export const portionShape = {
  share: z.number().positive().max(1).optional().describe('Share of the items, 0..1; all shares add up to 1'),
  count: z.int().min(1).optional().describe('Number of items, instead of a share; all counts add up to `count`'),
};

type BucketShape = { from: z.ZodNumber; to: z.ZodNumber } & typeof portionShape;

/** A range of one quantity, such as seconds, and how many items fall into it. */
export function bucketSchema(quantity: z.ZodNumber, unit: string): z.ZodObject<BucketShape, z.core.$strict> {
  return z.strictObject({
    from: quantity.describe(`Least, in ${unit}`),
    to: quantity.describe(`Most, in ${unit}`),
    ...portionShape,
  });
}

interface Portion {
  share?: number | undefined;
  count?: number | undefined;
}

/**
 * Whole numbers of items for the portions of `params.<key>`, meeting the shares by largest remainder.
 * Throws RECIPE_INVALID if shares do not add up to 1 or counts to `total`, if the two are mixed, or if a
 * portion is left without an item.
 */
export function countsOf(portions: readonly Portion[], total: number, place: string, key: string): number[] {
  const mixed = portions.findIndex(
    ({ share, count }) =>
      (share === undefined) === (count === undefined) || (share === undefined) !== (portions[0]?.share === undefined),
  );
  if (mixed >= 0) {
    throw invalidParam(
      place,
      [key, mixed],
      'needs a `share` or a `count`, the same for all.',
      'Give each one of the two.',
    );
  }
  if (portions[0]?.share === undefined) {
    const counts = portions.map(({ count }) => count ?? 0);
    const sum = counts.reduce((all, count) => all + count, 0);
    if (sum !== total) {
      throw invalidParam(
        place,
        [key],
        `the counts add up to ${sum}, but the corpus has ${total} items.`,
        `Write "count: ${sum}" for the corpus, or change the counts.`,
      );
    }
    return counts;
  }
  const shares = portions.map(({ share }) => share ?? 0);
  const sum = shares.reduce((all, share) => all + share, 0);
  if (Math.abs(sum - 1) > 1e-9) {
    throw invalidParam(
      place,
      [key],
      `the shares add up to ${Number(sum.toPrecision(12))}, not 1.`,
      'Change the shares so that they add up to exactly 1.',
    );
  }
  const counts = shareOut(total, shares);
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    throw invalidParam(
      place,
      [key, empty],
      `its share of ${total} items is less than one item.`,
      `Raise the corpus's \`count\` to ${Math.ceil(1 / (shares[empty] ?? 1))} or more.`,
    );
  }
  return counts;
}

/** Throws RECIPE_INVALID for a range that ends before it begins. */
export function refuseReversed(ranges: readonly { from: number; to: number }[], place: string, key: string): void {
  const reversed = ranges.findIndex(({ from, to }) => from > to);
  if (reversed >= 0) {
    throw invalidParam(place, [key, reversed], '`from` is above `to`.', 'Swap the two.');
  }
}
