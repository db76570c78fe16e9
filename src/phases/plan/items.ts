import type { Random } from '../../base/random.ts';
import { shuffled } from '../../base/random.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { Pick } from '../../model/profile.ts';

/** The item of a stage's n-th request, in any order of asking. */
export type ItemAt = (n: number) => CorpusItem;

function longestOf(items: readonly CorpusItem[]): CorpusItem | undefined {
  const costOf = (item: CorpusItem): number => item.traits['audioSeconds'] ?? item.bytes;
  return items.reduce<CorpusItem | undefined>(
    (longest, item) => (longest === undefined || costOf(item) > costOf(longest) ? item : longest),
    undefined,
  );
}

/** Every epoch sends each item once, in a new order: no measured rate moves what comes after what (PROTOCOL 3.4 and 18.2). */
function shuffledItems(items: readonly CorpusItem[], random: Random): ItemAt {
  const epochs = new Map<number, readonly CorpusItem[]>();
  return (n) => {
    const epoch = Math.floor(n / items.length);
    let order = epochs.get(epoch);
    if (order === undefined) {
      order = shuffled(items, random.fork(String(epoch)));
      epochs.set(epoch, order);
    }
    return order[n % items.length] as CorpusItem;
  };
}

/** `items` is not empty. */
export function itemOrder(pick: Pick, items: readonly CorpusItem[], random: Random): ItemAt {
  switch (pick) {
    case 'shuffled':
      return shuffledItems(items, random);
    case 'first':
      return () => items[0] as CorpusItem;
    case 'longest': {
      const longest = longestOf(items) as CorpusItem;
      return () => longest;
    }
  }
}
