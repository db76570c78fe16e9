import { groupedDigits } from '../../base/grouped-digits.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { bucketsOf, type Range } from './buckets.ts';
import { bucketsHolding, clampAll, type DraftRules, type FitDraft, leastFilesFor, portionOf } from './draft.ts';
import { type BytesOf, possibleRange } from './possible.ts';

const usualBuckets = 16;
const mostTries = 40;
/** Tokens that every generator of texts can make. */
const possibleTokens = 1000;

/** The lengths that `prompts` can make: a question takes some tokens. */
function limitsOf(bytesOf: BytesOf): Range {
  return possibleRange(
    possibleTokens,
    (tokens) => bytesOf({ by: 'tokens', buckets: [{ from: tokens, to: tokens, count: 1 }] }) !== null,
  );
}

/** Lengths of texts as a recipe of `prompts`. */
export function draftText(tokens: readonly number[], rules: DraftRules, bytesOf: BytesOf): FitDraft {
  const limits = limitsOf(bytesOf);
  const { values, notes } = clampAll(tokens.map(Math.round), limits, (value) => `${groupedDigits(value)} tokens`);
  const buckets = bucketsOf(values, {
    buckets: rules.buckets ?? usualBuckets,
    leastFiles: leastFilesFor(values.length, rules),
    limits,
    step: 1,
  });
  const ofItem = (item: CorpusItem): number => item.traits['estimatedTokens'] ?? 0;
  return {
    title: `Prompts of ${groupedDigits(buckets[0]?.from ?? 0)} to ${groupedDigits(buckets.at(-1)?.to ?? 0)} tokens, fitted to lengths that were seen`,
    generator: 'prompts',
    variants: [
      {
        by: 'tokens',
        order: 'interleaved',
        buckets: buckets.map(({ from, to, count }) => ({ from, to, ...portionOf(count, values.length, rules) })),
      },
    ],
    parts: buckets.map(({ from, to, count }) => ({
      label: `${groupedDigits(from)} – ${groupedDigits(to)} tokens`,
      sourceCount: count,
    })),
    partsHolding: (item) => bucketsHolding(buckets, ofItem(item), 0),
    measures: [{ title: 'tokens', unit: 'tokens', source: [...tokens], ofItem }],
    notes,
    mostTries,
  };
}
