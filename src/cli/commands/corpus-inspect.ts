import { formatShare } from '../../base/units.ts';
import type { Corpus } from '../../model/corpus.ts';
import type { Recipe } from '../../model/parse-recipe.ts';
import { bytesWithAttachments } from '../../phases/corpus/work.ts';
import { countLines, histogram, histogramLines } from '../histogram.ts';
import { openTerminal } from '../terminal.ts';
import { type OpenedCorpus, openByName } from './corpus-open.ts';
import { formatQuantity, type Portion, portionsOf, type Spread, spreadsOf } from './corpus-shape.ts';

const contentKinds: Readonly<Record<string, string>> = {
  code: 'generated, with a planted code that proves a reply',
  speech: 'speech with known text',
  import: 'files of yours',
};
/** Up to here each value has a row of its own. */
const fewValues = 6;
const nameWidth = 15;

function field(name: string, value: string): string {
  return `${name.padEnd(nameWidth)}${value}`;
}

function factLines({ recipe, generator, corpus, fileName }: OpenedCorpus): string[] {
  const { items } = corpus;
  const media = [...new Set(items.map(({ mediaType }) => mediaType))].join(', ');
  const kinds = [...new Set(items.map(({ content }) => contentKinds[content] ?? content))].join('; ');
  const proofs = [...new Set(items.flatMap(({ truth }) => Object.keys(truth)))].join(', ');
  const along = items.reduce((all, { attachments }) => all + attachments.length, 0);
  return [
    `${corpus.name}: ${recipe.title}`,
    '',
    field('recipe', fileName),
    field('generator', `${generator.id}, version ${generator.version}: ${generator.title}`),
    field('seed', String(recipe.seed)),
    field('items', `${items.length}, ${media}${along === 0 ? '' : `, with ${along} attachments`}`),
    field('content', kinds),
    field('proof', proofs === '' ? 'none: a reply cannot be checked against an item' : `by ${proofs}`),
    field('licence', recipe.licence),
    field('digest', `${corpus.digest} (${recipe.digest === null ? 'not pinned' : 'pinned'})`),
    field(
      'contentDigest',
      recipe.contentDigest === null ? 'not pinned; bench corpus verify prints it' : recipe.contentDigest,
    ),
    field(
      'first ids',
      items
        .slice(0, 3)
        .map(({ id }) => id)
        .join('  '),
    ),
  ];
}

function totalsTable(spreads: readonly Spread[]): string[] {
  const columns = ['least', 'median', 'mean', 'most', 'total'] as const;
  const rows = spreads.map((spread) => [
    spread.quantity,
    ...columns.map((column) => {
      // Widths do not add up to anything.
      const isSum = column !== 'total' || !['width', 'height'].includes(spread.quantity);
      return isSum ? formatQuantity(spread.quantity, spread[column]) : '';
    }),
  ]);
  const table = [['', ...columns], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length))) ?? [];
  return table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(Math.max(nameWidth - 3, widths[0] ?? 0)) : cell.padStart((widths[column] ?? 0) + 2),
      )
      .join('')
      .trimEnd(),
  );
}

function spreadLines({ quantity, values, distinct }: Spread, items: number): string[] {
  const format = (value: number): string => formatQuantity(quantity, value);
  const of = values.length === items ? '' : ` of ${items}`;
  const title = `${quantity}, ${values.length}${of} items`;
  if (distinct <= fewValues) {
    const rising = [...new Set(values)].sort((a, b) => a - b);
    const counts = rising.map((wanted) => values.filter((value) => value === wanted).length);
    return countLines(title, [{ name: quantity, counts }], rising.map(format));
  }
  const { edges, counts } = histogram(values);
  return histogramLines(title, [{ name: quantity, counts }], edges, format);
}

function portionLines(portions: readonly Portion[]): string[] {
  const counts = portions.map(({ count }) => count ?? 0);
  if (portions.some(({ count }) => count === null)) {
    const width = Math.max(...portions.map(({ label }) => label.length));
    const sizeOf = ({ share, count }: Portion): string =>
      share === null ? `${count ?? 'n/a'} items` : formatShare(share);
    return ['parts, as the recipe says', ...portions.map((part) => `  ${part.label.padEnd(width)}  ${sizeOf(part)}`)];
  }
  return countLines(
    'parts of the recipe, and the items in them',
    [{ name: 'items', counts }],
    portions.map(({ label }) => label),
  );
}

function jsonOf(opened: OpenedCorpus, spreads: readonly Spread[], portions: readonly Portion[]): object {
  const { corpus, recipe, generator } = opened;
  const { name, title, seed, licence, digest, contentDigest }: Recipe = recipe;
  return {
    name,
    title,
    generator: { id: generator.id, version: generator.version },
    seed,
    licence,
    digest: corpus.digest,
    pinned: { digest, contentDigest },
    items: corpus.items.length,
    bytes: totalBytes(corpus),
    mediaTypes: [...new Set(corpus.items.map(({ mediaType }) => mediaType))],
    content: [...new Set(corpus.items.map(({ content }) => content))],
    truth: [...new Set(corpus.items.flatMap(({ truth }) => Object.keys(truth)))],
    parts: portions,
    quantities: spreads.map(({ values, ...spread }) => ({ ...spread, histogram: histogram(values) })),
    firstIds: corpus.items.slice(0, 3).map(({ id }) => id),
  };
}

/** With attachments. */
export function totalBytes({ items }: Corpus): number {
  return items.reduce((all, item) => all + bytesWithAttachments(item), 0);
}

/** What a corpus holds and how it is spread, without making more than its first bytes. */
export function corpusInspectCommand(name: string, options: { json: boolean }): Promise<number> {
  const terminal = openTerminal();
  const opened = openByName(name);
  const { items } = opened.corpus;
  const spreads = spreadsOf(items);
  const portions = portionsOf(opened.recipe, items);
  if (options.json) {
    terminal.out(JSON.stringify(jsonOf(opened, spreads, portions)));
    return Promise.resolve(0);
  }
  const blocks = [
    factLines(opened),
    totalsTable(spreads),
    ...(portions.length < 2 ? [] : [portionLines(portions)]),
    ...spreads.filter(({ distinct }) => distinct > 1).map((spread) => spreadLines(spread, items.length)),
  ];
  terminal.out(blocks.map((lines) => lines.join('\n')).join('\n\n'));
  return Promise.resolve(0);
}
