import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findById } from '../../base/by-id.ts';
import { BenchError } from '../../base/errors.ts';
import { generators } from '../../generators/index.ts';
import type { Corpus, CorpusGenerator } from '../../model/corpus.ts';
import { parseRecipe, type Recipe } from '../../model/parse-recipe.ts';
import { openCorpus } from '../../phases/corpus/open-corpus.ts';
import { workInThreads } from '../../phases/corpus/threads.ts';
import type { WorkOnItems } from '../../phases/corpus/work.ts';
import { packageRoot, readYaml } from '../library.ts';

/** A corpus with what made it, for the commands that show or write it. */
export interface OpenedCorpus {
  text: string;
  fileName: string;
  recipe: Recipe;
  generator: CorpusGenerator;
  corpus: Corpus;
}

export function openByName(name: string): OpenedCorpus {
  const { text, fileName } = readYaml('corpora', name);
  const corpus = openCorpus(text, fileName, generators);
  const recipe = parseRecipe(text, fileName);
  return { text, fileName, recipe, generator: findById('generator', generators, recipe.generator), corpus };
}

const threadScript = join(packageRoot, 'dist', 'cli', 'corpus-thread-main.js');

/** One thread per core, since hashing is slower than making. */
export function allCores({ text, fileName, corpus }: OpenedCorpus): WorkOnItems {
  return workInThreads({
    script: threadScript,
    recipe: { text, fileName },
    corpus,
    threads: availableParallelism(),
  });
}

/** `0-99`, `7`, `3,5,9` or any of these with commas, to rising indexes. Throws USAGE. */
export function parseItems(text: string, count: number): readonly number[] {
  const chosen = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part.trim());
    const from = Number(match?.[1] ?? Number.NaN);
    const to = Number(match?.[2] ?? from);
    if (match === null || from > to) {
      throw new BenchError('USAGE', `--items "${text}" is no choice of items.`, {
        hint: 'Write it like 0-99, 7 or 3,5,9; the first item is 0.',
      });
    }
    if (to >= count) {
      throw new BenchError('USAGE', `--items "${text}" names item ${to}, but there are ${count} items.`, {
        hint: `Items are 0 to ${count - 1}.`,
      });
    }
    for (let index = from; index <= to; index += 1) {
      chosen.add(index);
    }
  }
  return [...chosen].sort((a, b) => a - b);
}
