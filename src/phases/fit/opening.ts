import { BenchError } from '../../base/errors.ts';
import type { CorpusGenerator, CorpusItem } from '../../model/corpus.ts';
import { openCorpus } from '../corpus/open-corpus.ts';
import type { FitDraft } from './draft.ts';
import { recipeText, seedOf } from './recipe.ts';

/** What the recipe is called, whatever it holds. */
export interface RecipeHead {
  name: string;
  /** null: the draft's own. */
  title: string | null;
  licence: string;
  count: number;
}

export interface OpenedDraft {
  text: string;
  items: readonly CorpusItem[];
}

/** Opening so many items in all takes less than a second. */
const triedItems = 30_000;
/** How near the largest item comes to the source's largest, before other seeds are tried. */
const nearEnough = 0.01;

function largest(values: readonly number[]): number {
  return values.reduce((all, value) => Math.max(all, value), 0);
}

/** The first variant that the generator can make. */
function openDraft(
  draft: FitDraft,
  head: RecipeHead,
  seed: number,
  generators: readonly CorpusGenerator[],
): OpenedDraft {
  let refusal: unknown = null;
  for (const params of draft.variants) {
    const text = recipeText({
      ...head,
      title: head.title ?? draft.title,
      generator: draft.generator,
      seed,
      params,
      // A reader may edit what was fitted, so that nothing is pinned yet.
      digest: null,
    });
    try {
      return { text, items: openCorpus(text, `${head.name}.yaml`, generators).items };
    } catch (error: unknown) {
      if (!(error instanceof BenchError)) {
        throw error;
      }
      refusal ??= error;
    }
  }
  throw refusal;
}

/** The larger of the distances between the largest of the source and of the recipe, over all measures. */
function missOf(draft: FitDraft, items: readonly CorpusItem[]): number {
  return largest(
    draft.measures.map(({ source, ofItem }) => Math.abs(largest(items.map(ofItem)) / largest(source) - 1)),
  );
}

/**
 * The draft as a recipe, opened. The seed decides where in the last bucket the largest item falls; it is what ends a
 * server, so a few seeds are tried. Throws RECIPE_INVALID if no variant can be made.
 */
export function openBest(draft: FitDraft, head: RecipeHead, generators: readonly CorpusGenerator[]): OpenedDraft {
  const tries = Math.max(1, Math.min(draft.mostTries, Math.floor(triedItems / head.count)));
  const first = seedOf(head.name);
  let best = openDraft(draft, head, first, generators);
  let bestMiss = missOf(draft, best.items);
  for (let attempt = 1; attempt < tries && bestMiss > nearEnough; attempt += 1) {
    const other = openDraft(draft, head, first + attempt, generators);
    const miss = missOf(draft, other.items);
    if (miss < bestMiss) {
      best = other;
      bestMiss = miss;
    }
  }
  return best;
}
