import { Document, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { sha256Hex } from '../../base/digest.ts';
import { BenchError } from '../../base/errors.ts';
import { parseRecipe } from '../../model/parse-recipe.ts';

export interface RecipeDraft {
  name: string;
  title: string;
  generator: string;
  seed: number;
  count: number;
  params: Readonly<Record<string, unknown>>;
  /** null: not pinned. */
  digest: string | null;
  licence: string;
}

/** Throws USAGE: the name is also that of the file, and opens the id of every item. */
export function requireCorpusName(name: string): void {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    const near = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    throw new BenchError('USAGE', `--name "${name}" is not lower case words joined by hyphens.`, {
      hint: near === '' ? 'Write it like our-calls.' : `Write it like ${near}.`,
    });
  }
}

/** A seed of the corpus's own, so that two fitted corpora do not begin with the same items. */
export function seedOf(name: string): number {
  return Number.parseInt(sha256Hex(name).slice(0, 7), 16);
}

function isLeaf(node: Node): boolean {
  return isScalar(node) || (isMap(node) && node.items.every(({ value }) => isScalar(value) || isMap(value)));
}

/** Buckets and shapes on a line each, as people write them. */
function flowInnermost(document: Document): void {
  visit(document, {
    Map(_key, node, path) {
      if (isSeq(path.at(-1)) && isLeaf(node)) {
        node.flow = true;
        return visit.SKIP;
      }
      return undefined;
    },
  });
}

/** The recipe as YAML, read back once, so that what is written is what a run will read. */
export function recipeText(draft: RecipeDraft): string {
  const { name, title, generator, seed, count, params, digest, licence } = draft;
  const pinned = digest === null ? {} : { digest };
  const document = new Document({ name, title, generator, seed, count, params, ...pinned, licence });
  flowInnermost(document);
  const text = document.toString({ lineWidth: 0 });
  parseRecipe(text, `${draft.name}.yaml`);
  return text;
}
