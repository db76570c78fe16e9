import { groupedDigits } from '../../base/grouped-digits.ts';
import { sortedFinite } from '../../base/statistics.ts';
import { formatDuration } from '../../base/units.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { Recipe } from '../../model/parse-recipe.ts';
import { formatSize } from '../sizes.ts';

/** How one quantity of the items is spread. */
export interface Spread {
  /** `bytes`, or a trait. */
  quantity: string;
  values: readonly number[];
  least: number;
  median: number;
  mean: number;
  most: number;
  total: number;
  distinct: number;
}

/** A part of the corpus as the recipe names it. */
export interface Portion {
  label: string;
  /** As the recipe says it; null where it gives a count. */
  share: number | null;
  /** Items that are in it; null: its keys are not quantities of an item. */
  count: number | null;
}

type Ranges = Readonly<Record<string, { from: number; to: number }>>;
type Values = Readonly<Record<string, unknown>>;

/** Names that recipes use for a trait. */
const traitOfKey: Readonly<Record<string, string>> = { seconds: 'audioSeconds', tokens: 'estimatedTokens' };

function quantityOf(item: CorpusItem, key: string): number | null {
  return key === 'bytes' ? item.bytes : (item.traits[traitOfKey[key] ?? key] ?? null);
}

export function formatQuantity(quantity: string, value: number): string {
  if (/bytes$/i.test(quantity)) {
    return formatSize(value);
  }
  if (/seconds$/i.test(quantity)) {
    return formatDuration(value * 1000);
  }
  if (quantity === 'pixels') {
    return `${Number((value / 1e6).toPrecision(3))} MP`;
  }
  const rounded = Number(value.toPrecision(4));
  return Number.isInteger(rounded) ? groupedDigits(rounded) : String(rounded);
}

function spreadOf(quantity: string, values: readonly number[]): Spread {
  const sorted = sortedFinite(values);
  const total = sorted.reduce((all, value) => all + value, 0);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    quantity,
    values,
    least: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    mean: total / sorted.length,
    most: at(sorted.length - 1),
    total,
    distinct: new Set(sorted).size,
  };
}

/** Size first, then the traits in the order in which the generator names them. */
export function spreadsOf(items: readonly CorpusItem[]): readonly Spread[] {
  const traits = [...new Set(items.flatMap((item) => Object.keys(item.traits)))];
  return ['bytes', ...traits].map((quantity) =>
    spreadOf(
      quantity,
      items.flatMap((item) => {
        const value = quantityOf(item, quantity);
        return value === null ? [] : [value];
      }),
    ),
  );
}

function isRecord(value: unknown): value is Values {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A number, or the ends of a range. */
function rangeOf(value: unknown): { from: number; to: number } | null {
  if (typeof value === 'number') {
    return { from: value, to: value };
  }
  const { from, to } = isRecord(value) ? value : {};
  return typeof from === 'number' && typeof to === 'number' ? { from, to } : null;
}

/** What the entry says of quantities, by their keys; `from` and `to` of the entry itself are of `by`. */
function rangesOf(entry: Values, by: string | null): Ranges {
  const own = by === null ? null : rangeOf(entry);
  const named = Object.entries(entry).flatMap(([key, value]) => {
    const range = ['share', 'count', 'from', 'to'].includes(key) ? null : rangeOf(value);
    return range === null ? [] : [[key, range] as const];
  });
  return { ...(own === null || by === null ? {} : { [by]: own }), ...Object.fromEntries(named) };
}

function rangeText(key: string, { from, to }: { from: number; to: number }): string {
  const text = (value: number): string => formatQuantity(traitOfKey[key] ?? key, value);
  return from === to ? text(from) : `${text(from)} – ${text(to)}`;
}

function labelOf(entry: Values, by: string | null): string {
  const { width, height, ...others } = rangesOf(entry, by);
  const sides =
    width === undefined || height === undefined
      ? []
      : [`${rangeText('width', width)} x ${rangeText('height', height)}`];
  const rest = Object.entries(others).map(([key, range]) => `${key === by ? '' : `${key} `}${rangeText(key, range)}`);
  const parts = [...sides, ...rest];
  const words = Object.values(entry).filter((value) => typeof value === 'string');
  return [...words, ...parts].join(', ') || JSON.stringify(entry);
}

/** A length is rounded to whole samples, so it may lie this far outside of its range. */
const roundingTolerance = 1e-4;

function isWithin(item: CorpusItem, ranges: Ranges, tolerance: number): boolean {
  return Object.entries(ranges).every(([key, { from, to }]) => {
    const value = quantityOf(item, key);
    // Ranges often meet: the value between two belongs to the upper one.
    return value === null || (value >= from - tolerance && (from === to ? value === to : value < to + tolerance));
  });
}

function placesOf(item: CorpusItem, ranges: readonly Ranges[]): number[] {
  const within = (tolerance: number): number[] =>
    ranges.flatMap((range, place) => (isWithin(item, range, tolerance) ? [place] : []));
  const exact = within(0);
  return exact.length > 0 ? exact : within(roundingTolerance);
}

/** Items in each range. One that is in several counts where the recipe planned more than are found. */
function countsIn(ranges: readonly Ranges[], planned: readonly number[], items: readonly CorpusItem[]): number[] {
  const counts = ranges.map(() => 0);
  const lacking = (place: number): number => (planned[place] ?? 0) - (counts[place] ?? 0);
  const choices = items.map((item) => placesOf(item, ranges)).sort((a, b) => a.length - b.length);
  for (const places of choices) {
    const [first, ...others] = places;
    if (first !== undefined) {
      const place = others.reduce((best, other) => (lacking(other) > lacking(best) ? other : best), first);
      counts[place] = (counts[place] ?? 0) + 1;
    }
  }
  return counts;
}

/** The first list of shares or counts under `params`, with how many items each entry really has. */
export function portionsOf(recipe: Recipe, items: readonly CorpusItem[]): readonly Portion[] {
  const by = recipe.params['by'];
  const unit = typeof by === 'string' ? by : null;
  const entries = Object.values(recipe.params)
    .map((value): readonly Values[] => (Array.isArray(value) ? value.filter(isRecord) : []))
    .find((list) => list.some((entry) => 'share' in entry || 'count' in entry));
  if (entries === undefined) {
    return [];
  }
  const ranges = entries.map((entry) => rangesOf(entry, unit));
  const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  const planned = entries.map(({ share, count }) => numberOf(count) ?? (numberOf(share) ?? 0) * items.length);
  const counts = countsIn(ranges, planned, items);
  return entries.map((entry, place) => {
    const isMeasured = Object.keys(ranges[place] ?? {}).some((key) =>
      items.some((item) => quantityOf(item, key) !== null),
    );
    return {
      label: labelOf(entry, unit),
      share: numberOf(entry['share']),
      count: isMeasured ? (counts[place] ?? 0) : numberOf(entry['count']),
    };
  });
}
