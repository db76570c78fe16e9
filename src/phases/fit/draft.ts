import type { CorpusItem } from '../../model/corpus.ts';
import type { Bucket, Range } from './buckets.ts';

export type Unit = 'seconds' | 'bytes' | 'pixels' | 'tokens';

/** A number that items of the source and of the recipe both have. */
export interface Measure {
  title: string;
  unit: Unit;
  source: number[];
  ofItem(item: CorpusItem): number;
}

/** What a kind of source becomes, before it is a recipe. */
export interface FitDraft {
  title: string;
  generator: string;
  /** In order of preference: what a generator cannot meet is left out in the next one. */
  variants: readonly Readonly<Record<string, unknown>>[];
  parts: readonly { label: string; sourceCount: number }[];
  /** The parts that may hold an item of the recipe: two on an edge that they share, none outside. */
  partsHolding(item: CorpusItem): readonly number[];
  measures: readonly Measure[];
  notes: readonly string[];
  /** Seeds that may be tried, at most: to open images takes longer than to open the others. */
  mostTries: number;
}

export interface DraftRules {
  /** Parts, at most; null: as many as suit the kind. */
  buckets: number | null;
  /** Items of the recipe; null: as many as the source has. */
  count: number | null;
}

/** No one file is to be recognised by a part of its own. */
const leastFiles = 3;

/** Also enough for the recipe to have an item of each part. */
export function leastFilesFor(sourceCount: number, { count }: DraftRules): number {
  return count === null ? leastFiles : Math.max(leastFiles, Math.ceil(sourceCount / count));
}

/** `count` as long as the recipe has as many items as the source, else `share`. */
export function portionOf(part: number, sourceCount: number, { count }: DraftRules): Record<string, number> {
  // Twelve digits add up to 1 as closely as a recipe must.
  return count === null ? { count: part } : { share: Number((part / sourceCount).toPrecision(12)) };
}

/** Values brought within what the generator can make, and a sentence if any was not. */
export function clampAll(
  values: readonly number[],
  limits: Range,
  textOf: (value: number) => string,
): { values: number[]; notes: string[] } {
  const below = values.filter((value) => value < limits.from).length;
  const above = values.filter((value) => value > limits.to).length;
  const note = (count: number, side: string, limit: number): string[] =>
    count === 0
      ? []
      : [
          `Items of the source ${side} ${textOf(limit)}, which the generator cannot make: ${count}. They count as ${textOf(limit)}.`,
        ];
  return {
    values: values.map((value) => Math.min(limits.to, Math.max(limits.from, value))),
    notes: [...note(below, 'below', limits.from), ...note(above, 'above', limits.to)],
  };
}

/** The bucket that holds a value, the upper one on an edge that two share; -1 for none. */
export function bucketIndexOf(buckets: readonly Bucket[], value: number): number {
  const index = buckets.findLastIndex(({ from }) => from <= value);
  return value <= (buckets[index]?.to ?? Number.NEGATIVE_INFINITY) ? index : -1;
}

/** Every bucket that holds a value which was rounded by up to `tolerance`: two on an edge that they share. */
export function bucketsHolding(buckets: readonly Bucket[], value: number, tolerance: number): number[] {
  return buckets.flatMap(({ from, to }, index) =>
    from - tolerance <= value && value <= to + tolerance ? [index] : [],
  );
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0) / values.length;
}
