import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../base/errors.ts';
import { generators } from '../../generators/index.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { formatListedFile } from '../../model/file-list.ts';
import { openCorpus } from '../../phases/corpus/open-corpus.ts';
import { type RecipeDraft, recipeText, requireCorpusName } from '../../phases/fit/recipe.ts';
import { folderFrom, type ImportedFolder, importFolder } from '../../phases/import/corpus.ts';
import { countOf, type MediaKind, mediaKindOf } from '../../phases/import/folder.ts';
import { filesDraft, listNameFor, type RecipeWords, sentencesDraft } from '../../phases/import/recipe.ts';
import { type TargetShape, targetShapeOf } from '../../phases/import/target.ts';
import { readYaml } from '../library.ts';
import { corpusArgument, isFolder, refuseExisting, usualFolder, withSchemaLine, writeWhole } from '../recipe-file.ts';
import { openTerminal } from '../terminal.ts';
import { type Comparison, comparisonLines, itemsText, joinBlocks, unusableLines } from './corpus-comparison.ts';
import { ItemProgress } from './corpus-progress.ts';

export interface ImportOptions {
  name: string;
  to?: string;
  out?: string;
  force: boolean;
  kind?: string;
  title?: string;
  licence: string;
}

/** Throws USAGE for a folder that is not there. */
function outFolderFor(out: string | undefined): string {
  if (out !== undefined && !isFolder(out)) {
    throw new BenchError('USAGE', `--out ${out} is not a folder.`, { hint: 'Make it first.' });
  }
  return out ?? (isFolder(usualFolder) ? usualFolder : '.');
}

async function readWithProgress(folder: string, kind: MediaKind | null): Promise<ImportedFolder> {
  const progress = new ItemProgress(openTerminal(), 'hashed');
  try {
    return await importFolder(folder, kind, (done) => progress.show(done));
  } finally {
    progress.end();
  }
}

/** Opened as a run opens it, so that what is written can be run; the digest is pinned, since nobody edits it. */
function openDraft(draft: RecipeDraft, path: string): { text: string; items: readonly CorpusItem[] } {
  const { digest, items } = openCorpus(recipeText(draft), path, generators);
  return { text: withSchemaLine(recipeText({ ...draft, digest }), path), items };
}

/** The list must lie beside the recipe before that can be opened; it goes again if that fails. */
function openWithList(
  imported: ImportedFolder,
  draft: RecipeDraft,
  path: string,
  listPath: string,
): { text: string; items: readonly CorpusItem[] } {
  writeWhole(listPath, `${imported.files.map(formatListedFile).join('\n')}\n`);
  try {
    return openDraft(draft, path);
  } catch (error: unknown) {
    rmSync(listPath, { force: true });
    throw error;
  }
}

function comparisonOf(
  imported: ImportedFolder,
  target: TargetShape | null,
  draft: RecipeDraft,
  items: readonly CorpusItem[],
): Comparison {
  const trait = { audio: 'audioSeconds', images: 'pixels', text: 'bytes' }[imported.kind];
  const units = { audio: 'seconds', images: 'pixels', text: 'bytes' } as const;
  const files = imported.files.map(({ bytes, traits }) => traits[trait] ?? bytes);
  const made = items.map(({ bytes, traits }) => traits[trait] ?? bytes);
  return {
    title: { audio: 'length', images: 'pixels', text: 'size' }[imported.kind],
    unit: units[imported.kind],
    columns:
      target === null
        ? [{ name: 'files', values: files }]
        : [
            { name: 'recordings', values: files },
            { name: target.name, values: target.lengths },
            { name: draft.name, values: made },
          ],
  };
}

function transcriptNotes({ kind, files }: ImportedFolder): string[] {
  const known = files.filter(({ text }) => text !== null).length;
  if (kind !== 'audio') {
    return [];
  }
  if (known === files.length) {
    return ['Every file has a transcript, so that replies can be checked.'];
  }
  const place = '(.txt beside it, or *.trans.txt)';
  return known === 0
    ? [`No file has a transcript ${place}: replies are not checked against what was said.`]
    : [`${known} of ${files.length} files have a transcript ${place}; replies to the others are not checked.`];
}

/** Registers files of the user's own as a corpus; with `--to` puts recordings together to the lengths of another. */
export async function corpusImportCommand(folder: string, options: ImportOptions): Promise<number> {
  const terminal = openTerminal();
  const { name } = options;
  requireCorpusName(name);
  const kind = mediaKindOf(options.kind);
  const outFolder = outFolderFor(options.out);
  const path = join(outFolder, `${name}.yaml`);
  const listPath = join(outFolder, listNameFor(name));
  refuseExisting(path, options.force);
  const wanted = options.to === undefined ? null : readYaml('corpora', options.to);
  const target = wanted === null ? null : targetShapeOf(wanted.text, wanted.fileName, generators);
  const imported = await readWithProgress(folder, kind);
  const words: RecipeWords = {
    name,
    title: options.title ?? null,
    licence: options.licence,
    folder: folderFrom(outFolder, folder),
  };
  const { draft, notes } =
    target === null ? { draft: filesDraft(imported, words), notes: [] } : sentencesDraft(imported, target, words);
  const { text, items } = target === null ? openWithList(imported, draft, path, listPath) : openDraft(draft, path);
  writeWhole(path, text);
  const summary = joinBlocks([
    [`${name}: ${itemsText(draft.count)}, after ${countOf(imported.kind, imported.files.length)} of ${folder}`],
    comparisonLines(comparisonOf(imported, target, draft, items)),
    [...transcriptNotes(imported), ...notes].map((note) => `note: ${note}`),
    unusableLines(imported.unusable),
    [`Next: bench corpus inspect ${corpusArgument(path)}`],
  ]);
  terminal.err(summary);
  terminal.out(target === null ? `${path}\n${listPath}` : path);
  return 0;
}
