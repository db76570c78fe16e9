import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BenchError } from '../../base/errors.ts';
import { generators } from '../../generators/index.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { openCorpus } from '../../phases/corpus/open-corpus.ts';

export type Shipped = { items: readonly CorpusItem[] } | { reason: string };

/** The corpus of a recipe in `corpora/`, or why there is none. */
export function openShipped(name: string): Shipped {
  const file = resolve('corpora', `${name}.yaml`);
  if (!existsSync(file)) {
    return { reason: `there is no recipe ${name}` };
  }
  try {
    return { items: openCorpus(readFileSync(file, 'utf8'), `corpora/${name}.yaml`, generators).items };
  } catch (error: unknown) {
    if (error instanceof BenchError) {
      return { reason: error.message };
    }
    throw error;
  }
}
