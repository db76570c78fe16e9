import { existsSync } from 'node:fs';
import type { ItemTraits } from '../model/artifacts.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { CsvAppender } from './append-csv.ts';
import { itemColumns } from './columns.ts';
import { readTable } from './read-table.ts';
import type { RunFolder } from './run-folder.ts';

/** null as soon as nothing of the item has the trait. */
function sumOfTrait(parts: readonly CorpusItem[], trait: string): number | null {
  const known = parts.flatMap((part) => part.traits[trait] ?? []);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function traitsOf(item: CorpusItem): ItemTraits {
  const parts = [item, ...item.attachments];
  return {
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    audioSeconds: sumOfTrait(parts, 'audioSeconds'),
    pixels: sumOfTrait(parts, 'pixels'),
  };
}

/** Writes `items.csv`: what each item of the corpus weighs, so that analysis needs no corpus. */
export function writeItems(folder: RunFolder, items: readonly CorpusItem[]): void {
  const csv = new CsvAppender(folder.items, itemColumns);
  for (const item of items) {
    const { bytes, audioSeconds, pixels } = traitsOf(item);
    csv.append([item.id, bytes, audioSeconds, pixels]);
  }
  csv.close();
}

const numberOrNull = (field: string | undefined): number | null =>
  field === undefined || field === '' ? null : Number(field);

/** Empty for a run of an older bench, and for one whose requests another tool sent. */
export async function readItems(folder: RunFolder): Promise<ReadonlyMap<string, ItemTraits>> {
  const items = new Map<string, ItemTraits>();
  if (!existsSync(folder.items)) {
    return items;
  }
  await readTable(folder.items, itemColumns, ([id, bytes, audioSeconds, pixels]) =>
    items.set(id ?? '', {
      bytes: Number(bytes),
      audioSeconds: numberOrNull(audioSeconds),
      pixels: numberOrNull(pixels),
    }),
  );
  return items;
}
