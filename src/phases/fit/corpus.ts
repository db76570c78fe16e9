import { findById } from '../../base/by-id.ts';
import { BenchError } from '../../base/errors.ts';
import { groupedDigits } from '../../base/grouped-digits.ts';
import type { CorpusGenerator, CorpusItem } from '../../model/corpus.ts';
import type { UnusableFile } from '../import/files.ts';
import type { MediaKind } from '../import/folder.ts';
import { draftAudio } from './audio.ts';
import type { DraftRules, FitDraft, Measure } from './draft.ts';
import { draftImages } from './images.ts';
import { openBest } from './opening.ts';
import { type BytesOf, bytesOfOne } from './possible.ts';
import { requireCorpusName } from './recipe.ts';
import { type MeasuredSource, type Sample, sampleSize } from './sample.ts';
import { measureSource } from './source.ts';
import { draftText } from './text.ts';

export interface FitRequest {
  source: string;
  name: string;
  /** null: made from the ranges. */
  title: string | null;
  licence: string;
  rules: DraftRules;
  /** The column or field that counts; null: chosen by its name. */
  column: string | null;
  /** null: the one that the source holds. */
  kind: MediaKind | null;
}

/** How many items of the source and of the recipe fall into one part of the recipe. */
export interface PartAgreement {
  label: string;
  sourceCount: number;
  /** The source's share of the recipe's items; a fraction if the recipe has another count. */
  wantedCount: number;
  recipeCount: number;
}

/** One number of all items, before and after. */
export interface MeasureAgreement {
  title: string;
  unit: Measure['unit'];
  source: number[];
  recipe: number[];
}

export interface FittedCorpus {
  recipeText: string;
  origin: string;
  count: number;
  parts: PartAgreement[];
  /** Items of the recipe that fall into no part. */
  outside: number;
  measures: MeasureAgreement[];
  notes: string[];
  unusable: UnusableFile[];
}

/** As many as a recipe may have. */
const mostItems = 1_000_000;

function draftOf(sample: Sample, rules: DraftRules, generators: readonly CorpusGenerator[]): FitDraft {
  const makes =
    (id: string): BytesOf =>
    (params) =>
      bytesOfOne(findById('generator', generators, id), params);
  switch (sample.kind) {
    case 'audio':
      return draftAudio(sample, rules, makes('speech-longform'));
    case 'images':
      return draftImages(sample.shapes, rules, makes('image-jpeg'));
    case 'text':
      return draftText(sample.tokens, rules, makes('prompts'));
  }
}

function partsOf(draft: FitDraft, items: readonly CorpusItem[]): { parts: PartAgreement[]; outside: number } {
  const total = draft.parts.reduce((all, { sourceCount }) => all + sourceCount, 0);
  const parts = draft.parts.map(({ label, sourceCount }) => ({
    label,
    sourceCount,
    wantedCount: (sourceCount * items.length) / total,
    recipeCount: 0,
  }));
  const missing = (index: number): number => (parts[index]?.wantedCount ?? 0) - (parts[index]?.recipeCount ?? 0);
  const holding = items.map((item) => draft.partsHolding(item));
  // Items on a shared edge last: the recipe does not say which of the two parts it made them for.
  for (const indices of [...holding].sort((a, b) => a.length - b.length)) {
    const part = parts[[...indices].sort((a, b) => missing(b) - missing(a))[0] ?? -1];
    if (part !== undefined) {
      part.recipeCount += 1;
    }
  }
  return { parts, outside: holding.filter((indices) => indices.length === 0).length };
}

/** Above it a recipe says more of its source than of a distribution. */
const mostBuckets = 100;

function requireRules({ buckets, count }: DraftRules): void {
  if (buckets !== null && !(buckets >= 1 && buckets <= mostBuckets)) {
    throw new BenchError('USAGE', `--buckets ${buckets} is not between 1 and ${mostBuckets}.`, {
      hint: 'Leave it out.',
    });
  }
  if (count !== null && !(count >= 1 && count <= mostItems)) {
    throw new BenchError('USAGE', `--count ${count} is not between 1 and ${mostItems}.`, {
      hint: 'Leave it out for as many items as the source has.',
    });
  }
}

function rulesFor(sourceCount: number, { rules }: FitRequest): { rules: DraftRules; count: number; notes: string[] } {
  if (rules.count === null && sourceCount > mostItems) {
    const note = `A recipe has at most ${mostItems} items: this one has as many, with the shares of the source.`;
    return { rules: { ...rules, count: mostItems }, count: mostItems, notes: [note] };
  }
  return { rules, count: rules.count ?? sourceCount, notes: [] };
}

/** Decimal, as recipes count bytes. */
function megabytes(bytes: number): string {
  return `${bytes < 1e7 ? (bytes / 1e6).toFixed(2) : groupedDigits(Math.round(bytes / 1e6))} MB`;
}

/** A server is sent what the recipe makes, which is another format than the source may have. */
function bytesNote({ sample, sourceBytes }: MeasuredSource, items: readonly CorpusItem[], count: number): string[] {
  const made = items.reduce((all, { bytes }) => all + bytes, 0);
  const had = sourceBytes === null ? made : (sourceBytes * count) / sampleSize(sample);
  return sample.kind === 'audio' && Math.abs(made / had - 1) > 0.1
    ? [`The same audio takes ${megabytes(made)} as 16 bit mono WAV and took ${megabytes(had)} in the source.`]
    : [];
}

function smallNote(sourceCount: number): string[] {
  return sourceCount >= 30
    ? []
    : [`Only ${sourceCount} in the source: too few to say much about the distribution, and the largest by chance.`];
}

/**
 * source -> numbers (no names, no content) -> rounded buckets -> recipe -> opened as a run opens it -> counted again.
 * Throws USAGE or RECIPE_INVALID.
 */
export async function fitCorpus(request: FitRequest, generators: readonly CorpusGenerator[]): Promise<FittedCorpus> {
  requireCorpusName(request.name);
  requireRules(request.rules);
  const measured: MeasuredSource = await measureSource(request.source, request);
  const sourceCount = sampleSize(measured.sample);
  const { rules, count, notes } = rulesFor(sourceCount, request);
  const draft = draftOf(measured.sample, rules, generators);
  const { name, title, licence } = request;
  const { text, items } = openBest(draft, { name, title, licence, count }, generators);
  return {
    recipeText: text,
    origin: measured.origin,
    count,
    ...partsOf(draft, items),
    measures: draft.measures.map(({ title, unit, source, ofItem }) => ({
      title,
      unit,
      source,
      recipe: items.map(ofItem),
    })),
    notes: [
      ...measured.notes,
      ...notes,
      ...draft.notes,
      ...bytesNote(measured, items, count),
      ...smallNote(sourceCount),
    ],
    unusable: measured.unusable,
  };
}
