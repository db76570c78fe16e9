import { generators } from '../../generators/index.ts';
import { fitCorpus } from '../../phases/fit/corpus.ts';
import { mediaKindOf } from '../../phases/import/folder.ts';
import { corpusArgument, recipePathFor, withSchemaLine, writeWhole } from '../recipe-file.ts';
import { openTerminal } from '../terminal.ts';
import { comparisonLines, itemsText, joinBlocks, partLines, unusableLines } from './corpus-comparison.ts';

export interface FitOptions {
  name: string;
  out?: string;
  force: boolean;
  buckets?: number;
  count?: number;
  column?: string;
  kind?: string;
  title?: string;
  licence: string;
}

/** Writes a recipe with the lengths, sizes and shapes of a source, and shows how near it comes. */
export async function corpusFitCommand(source: string, options: FitOptions): Promise<number> {
  const terminal = openTerminal();
  const kind = mediaKindOf(options.kind);
  const path = recipePathFor(options.name, options.out ?? null, options.force);
  const fitted = await fitCorpus(
    {
      source,
      name: options.name,
      title: options.title ?? null,
      licence: options.licence,
      rules: { buckets: options.buckets ?? null, count: options.count ?? null },
      column: options.column ?? null,
      kind,
    },
    generators,
  );
  const summary = joinBlocks([
    [`${options.name}: ${itemsText(fitted.count)}, after ${fitted.origin} of ${source}`],
    ...fitted.measures.map(({ title, unit, source: before, recipe }) =>
      comparisonLines({
        title,
        unit,
        columns: [
          { name: 'source', values: before },
          { name: 'recipe', values: recipe },
        ],
      }),
    ),
    partLines(fitted.parts, fitted.outside),
    fitted.notes.map((note) => `note: ${note}`),
    unusableLines(fitted.unusable),
  ]);
  terminal.err(`${summary}\n`);
  if (path === null) {
    terminal.out(fitted.recipeText.trimEnd());
    return 0;
  }
  writeWhole(path, withSchemaLine(fitted.recipeText, path));
  terminal.err(`Next: bench corpus inspect ${corpusArgument(path)}`);
  terminal.out(path);
  return 0;
}
