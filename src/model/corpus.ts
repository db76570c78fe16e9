import type { Random } from '../base/random.ts';

/** Half-open byte range; `end` is at most the item's length. */
export interface ByteRange {
  start: number;
  end: number;
}

/** What the bytes are, since tones must never rate a real recogniser's speed. */
export type ContentKind = 'code' | 'speech' | 'import';

/**
 * One thing to send. Bytes are made on demand, need no file and are never whole in memory.
 * A chunk may be reused after the next one is asked for: copy it to keep it.
 */
export interface CorpusItem {
  id: string;
  bytes: number;
  /** Only once computed; hashing is slower than generating, so it is never on the send path. */
  sha256: string | null;
  mediaType: string;
  fileName: string;
  content: ContentKind;
  /** What makes the item costly: `audioSeconds`, `pixels`. */
  traits: Readonly<Record<string, number>>;
  /** A planted fact that proves that a reply belongs to this item: `tokens` (the exact transcript). */
  truth: Readonly<Record<string, string>>;
  chunks(range?: ByteRange): Iterable<Uint8Array>;
}

export interface CorpusGenerator {
  id: string;
  title: string;
  /** Grows whenever any byte that the generator makes changes. */
  version: number;
  /** Throws RECIPE_INVALID. `place` (file and path) opens the message; `name` (the recipe's) opens each item's id. */
  items(
    params: unknown,
    context: { name: string; count: number; random: Random; place: string },
  ): readonly CorpusItem[];
}

/** A recipe opened: a pure function of the recipe, so every process rebuilds the same one. */
export interface Corpus {
  name: string;
  title: string;
  /** SHA-256 over generator, version, seed, parameters and the id and length of each item. */
  digest: string;
  items: readonly CorpusItem[];
}
