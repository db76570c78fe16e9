import { BenchError } from '../../base/errors.ts';
import { formatDuration } from '../../base/units.ts';
import type { ListedFile } from '../../model/file-list.ts';
import { type RecipeDraft, seedOf } from '../fit/recipe.ts';
import type { ImportedFolder } from './corpus.ts';
import { countOf } from './folder.ts';
import type { TargetShape } from './target.ts';

export interface RecipeWords {
  name: string;
  /** null: made from what was found. */
  title: string | null;
  licence: string;
  /** Where the files lie, from the recipe on. */
  folder: string;
}

/** The list of the files, beside the recipe. */
export function listNameFor(name: string): string {
  return `${name}.files.jsonl`;
}

/** The files as they are, one item each. */
export function filesDraft({ kind, files }: ImportedFolder, words: RecipeWords): RecipeDraft {
  const { name, title, licence, folder } = words;
  return {
    name,
    title: title ?? `${countOf(kind, files.length)} of our own`,
    generator: 'imported-files',
    seed: seedOf(name),
    count: files.length,
    params: { folder, files: listNameFor(name) },
    digest: null,
    licence,
  };
}

/** Silence before the first word of a clip, as `speech-sentences` makes it, and a sample's rounding. */
const leadSeconds = 0.31;

/** The shortest clip that is sure to hold a recording. */
function leastSecondsOf(files: readonly ListedFile[]): number {
  const shortest = files.reduce((least, { traits }) => Math.min(least, traits['audioSeconds'] ?? least), Infinity);
  return Math.ceil((shortest + leadSeconds) * 100) / 100;
}

/** More of the corpus than this made longer is another corpus. */
const mostRaisedShare = 0.5;

/** The target's buckets, with none below `least`. Throws USAGE if that would change most of its clips. */
function bucketsFor(target: TargetShape, least: number): { buckets: TargetShape['buckets']; notes: string[] } {
  const { name, lengths } = target;
  const raised = lengths.filter((seconds) => seconds < least).length;
  const leastText = formatDuration(least * 1000);
  const what = `${raised} of the ${lengths.length} clips of ${name} are shorter than ${leastText}`;
  if (raised > lengths.length * mostRaisedShare) {
    throw new BenchError('USAGE', `--to ${name}: ${what}, the least that holds a recording.`, {
      hint: 'Choose a corpus of longer clips, or add shorter recordings.',
    });
  }
  return {
    buckets: target.buckets.map((bucket) => ({
      ...bucket,
      from: Math.max(bucket.from, least),
      to: Math.max(bucket.to, least),
    })),
    notes: raised === 0 ? [] : [`${what} and become so long, since a recording is never cut within its words.`],
  };
}

function reuseNote(files: readonly ListedFile[], { lengths }: TargetShape): string[] {
  const held = files.reduce((all, { traits }) => all + (traits['audioSeconds'] ?? 0), 0);
  const times = lengths.reduce((all, seconds) => all + seconds, 0) / held;
  return times < 2
    ? []
    : [`A recording comes about ${times.toFixed(0)} times, never twice in one clip unless it must.`];
}

/** Throws USAGE for a folder that cannot be put together: a clip's text must be known in full. */
function requireUtterances({ kind, files, unusable }: ImportedFolder): void {
  if (kind !== 'audio') {
    throw new BenchError('USAGE', `--to puts audio together, but these are ${countOf(kind, files.length)}.`, {
      hint: 'Leave out --to.',
    });
  }
  const silent = files.filter(({ text }) => text === null);
  const broken = unusable.filter(({ file }) => /\.(wav|flac)$/i.test(file));
  const first = broken[0] === undefined ? silent[0]?.file : `${broken[0].file}: ${broken[0].reason}`;
  if (first !== undefined) {
    const what = broken.length > 0 ? 'cannot be used' : 'have no transcript';
    throw new BenchError(
      'USAGE',
      `${broken.length || silent.length} recordings ${what}, the first is ${first.replace(/\.$/, '')}.`,
      {
        hint:
          broken.length > 0
            ? 'Move them out of the folder: --to takes all of its recordings.'
            : 'Write what is said into a .txt file beside each, or leave out --to.',
      },
    );
  }
}

/** The recordings put together to clips with the lengths of another corpus. Throws USAGE where that cannot be. */
export function sentencesDraft(
  imported: ImportedFolder,
  target: TargetShape,
  words: RecipeWords,
): { draft: RecipeDraft; notes: string[] } {
  requireUtterances(imported);
  const { name, title, licence, folder } = words;
  const { buckets, notes } = bucketsFor(target, leastSecondsOf(imported.files));
  return {
    draft: {
      name,
      title:
        title ?? `${countOf('audio', imported.files.length)} of our own, put together to the lengths of ${target.name}`,
      generator: 'speech-sentences',
      seed: seedOf(name),
      count: target.count,
      params: { sampleRate: target.sampleRate, by: 'seconds', order: target.order, buckets, bank: { folder } },
      digest: null,
      licence,
    },
    notes: [...notes, ...reuseNote(imported.files, target)],
  };
}
