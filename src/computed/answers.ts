import type { RequestRecord } from '../model/record.ts';

/** An answer is an item's own only if it was given this often and in this share of its replies. */
const establishedCount = 3;
const establishedShare = 0.75;

type Digests = ReadonlyMap<string, number>;

/** How often each item was answered in which way, successes only. */
function answersByItem(records: readonly RequestRecord[]): ReadonlyMap<string, Digests> {
  const items = new Map<string, Map<string, number>>();
  for (const { outcome, itemId, answerDigest } of records) {
    if (outcome === 'ok' && answerDigest !== null) {
      let digests = items.get(itemId);
      if (digests === undefined) {
        digests = new Map();
        items.set(itemId, digests);
      }
      digests.set(answerDigest, (digests.get(answerDigest) ?? 0) + 1);
    }
  }
  return items;
}

function established(digests: Digests): string | null {
  const total = [...digests.values()].reduce((sum, count) => sum + count, 0);
  for (const [digest, count] of digests) {
    if (count >= establishedCount && count / total >= establishedShare) {
      return digest;
    }
  }
  return null;
}

/**
 * Replies that are another item's answer. Only an answer that is established for exactly one item can
 * be recognised, so that a server with one text for everything is never accused.
 */
export function swappedAnswers(
  records: readonly RequestRecord[],
): readonly { record: RequestRecord; ownerId: string }[] {
  const own = new Map<string, string>();
  for (const [itemId, digests] of answersByItem(records)) {
    const digest = established(digests);
    if (digest !== null) {
      own.set(itemId, digest);
    }
  }
  const owners = new Map<string, string[]>();
  for (const [itemId, digest] of own) {
    owners.set(digest, [...(owners.get(digest) ?? []), itemId]);
  }
  const swapped: { record: RequestRecord; ownerId: string }[] = [];
  for (const record of records) {
    const { outcome, answerDigest } = record;
    const expected = outcome === 'ok' && answerDigest !== null ? own.get(record.itemId) : undefined;
    if (expected === undefined || answerDigest === null || answerDigest === expected) {
      continue;
    }
    const holders = owners.get(answerDigest) ?? [];
    const ownerId = holders.length === 1 ? holders[0] : undefined;
    if (ownerId !== undefined) {
      swapped.push({ record, ownerId });
    }
  }
  return swapped;
}

/** Items that were answered in more than one way: normal for a recogniser that is not deterministic. */
export function unlikeAnswers(records: readonly RequestRecord[]): number {
  return [...answersByItem(records).values()].filter((digests) => digests.size > 1).length;
}

/**
 * Edits over words spoken, added up over all replies that were held against a text (long ones by their
 * first 500 words): the corpus-level word error rate, not the mean of the replies' own. null without any.
 */
export function wordErrorRate(records: readonly RequestRecord[]): number | null {
  let spoken = 0;
  let errors = 0;
  for (const record of records) {
    spoken += record.spokenWords ?? 0;
    errors += record.wordErrors ?? 0;
  }
  return spoken === 0 ? null : errors / spoken;
}
