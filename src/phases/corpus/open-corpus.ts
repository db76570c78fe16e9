import { dirname } from 'node:path';
import { nearestName } from '../../base/by-id.ts';
import { canonicalJson, sha256Hex, sha256OfChunks } from '../../base/digest.ts';
import { BenchError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import type { Corpus, CorpusGenerator, CorpusItem } from '../../model/corpus.ts';
import { parseRecipe, type Recipe } from '../../model/parse-recipe.ts';

/** Enough to notice changed bytes, too little to cost: hashing whole clips is slower than making them. */
const hashedBytes = 65_536;

function generatorOf(recipe: Recipe, generators: readonly CorpusGenerator[]): CorpusGenerator {
  const generator = generators.find(({ id }) => id === recipe.generator);
  if (generator === undefined) {
    const known = generators.map(({ id }) => id);
    const near = nearestName(recipe.generator, known);
    throw new BenchError('RECIPE_INVALID', `${recipe.places.generator}: there is no generator "${recipe.generator}".`, {
      hint: near === null ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`,
    });
  }
  return generator;
}

function lengthsOf({ id, bytes, attachments }: CorpusItem): unknown[] {
  return attachments.length === 0 ? [id, bytes] : [id, bytes, attachments.map(lengthsOf)];
}

function startDigestOf(item: CorpusItem): string {
  return sha256OfChunks(item.chunks({ start: 0, end: hashedBytes }));
}

function digestOf(recipe: Recipe, generator: CorpusGenerator, items: readonly CorpusItem[]): string {
  const first = items[0];
  return sha256Hex(
    canonicalJson({
      generator: generator.id,
      version: generator.version,
      seed: recipe.seed,
      count: recipe.count,
      params: recipe.params,
      items: items.map(lengthsOf),
      firstBytes: first === undefined ? null : startDigestOf(first),
      ...(first === undefined || first.attachments.length === 0
        ? {}
        : { firstAttachments: first.attachments.map(startDigestOf) }),
    }),
  );
}

/**
 * recipe text -> parseRecipe -> generator -> items -> digest -> checked against the recipe's own.
 * Makes no more than the first 64 KiB (PROTOCOL 2.1, 2.2). Throws RECIPE_INVALID or CORPUS_DIGEST_MISMATCH.
 */
export function openCorpus(recipeText: string, fileName: string, generators: readonly CorpusGenerator[]): Corpus {
  const recipe = parseRecipe(recipeText, fileName);
  const generator = generatorOf(recipe, generators);
  const items = generator.items(recipe.params, {
    name: recipe.name,
    count: recipe.count,
    random: createRandom(`corpus/${generator.id}/${recipe.seed}`),
    place: recipe.places.params,
    folder: dirname(fileName),
  });
  const digest = digestOf(recipe, generator, items);
  if (recipe.digest !== null && recipe.digest !== digest) {
    throw new BenchError(
      'CORPUS_DIGEST_MISMATCH',
      `${recipe.places.digest}: the recipe pins ${recipe.digest.slice(0, 12)}, but its corpus is ${digest.slice(0, 12)}.`,
      { hint: `If the change is meant, write "digest: ${digest}"; runs before and after do not compare.` },
    );
  }
  return { name: recipe.name, title: recipe.title, digest, items };
}
