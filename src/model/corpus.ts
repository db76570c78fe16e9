import type { z } from 'zod';
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
  /**
   * What proves that a reply belongs to this item: `tokens` (audio: the planted words), `text` (speech: what is
   * said), `imageId` (decimal), `stdout` (its first 64 KiB; `stdoutBytes` of the traits is the whole) and `exitCode` (code), `answer` (prompt). Absent = nothing can be proven.
   */
  truth: Readonly<Record<string, string>>;
  /** What goes along, such as a prompt's images; `bytes` and `chunks` are without them. */
  attachments: readonly CorpusItem[];
  chunks(range?: ByteRange): Iterable<Uint8Array>;
}

export interface GeneratorContext {
  /** The recipe's name; it opens each item's id. */
  name: string;
  count: number;
  random: Random;
  /** File and path of `params`, to open the message of an error. */
  place: string;
  /** Where the recipe lies: files that it names are relative to it. */
  folder: string;
}

export interface CorpusGenerator {
  id: string;
  title: string;
  /** Grows whenever any byte that the generator makes changes. */
  version: number;
  /** What a recipe may say under `params`. */
  params: z.ZodType;
  /** Throws RECIPE_INVALID. Makes no bytes: a corpus of a million items opens at once. */
  items(params: unknown, context: GeneratorContext): readonly CorpusItem[];
}

/** A recipe opened: a pure function of the recipe, so every process rebuilds the same one. */
export interface Corpus {
  name: string;
  title: string;
  /** SHA-256 over generator, version, seed, parameters and the id and length of each item. */
  digest: string;
  items: readonly CorpusItem[];
}
