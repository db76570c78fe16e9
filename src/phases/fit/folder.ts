import { createReadStream } from 'node:fs';
import type { FoundFile } from '../import/files.ts';
import { countOf, type FolderContents, type MediaKind, readMediaFolder } from '../import/folder.ts';
import type { MeasuredSource, Sample } from './sample.ts';

/** A rule of thumb for English and the vocabularies of current models; other languages need more. */
const tokensPerWord = 1.3;

async function wordsOf(path: string): Promise<number> {
  let words = 0;
  let tail = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const parts = `${tail}${chunk}`.split(/\s+/);
    // A word may go on in the next chunk.
    tail = parts.pop() ?? '';
    words += parts.filter((part) => part !== '').length;
  }
  return words + (tail === '' ? 0 : 1);
}

function mostCommon(values: readonly number[]): number | null {
  const counts = new Map<number, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? null;
}

function traitOf(file: FoundFile, trait: string): number {
  return file.traits[trait] ?? 0;
}

async function sampleOf({ kind, files }: FolderContents): Promise<Sample> {
  switch (kind) {
    case 'audio':
      return {
        kind,
        by: 'seconds',
        values: files.map((file) => traitOf(file, 'audioSeconds')),
        sampleRate: mostCommon(files.flatMap(({ sampleRate }) => sampleRate ?? [])),
      };
    case 'images': {
      const shapes = files.map((file) => ({
        width: traitOf(file, 'width'),
        height: traitOf(file, 'height'),
        bytes: file.bytes,
      }));
      return { kind, shapes };
    }
    case 'text': {
      const tokens: number[] = [];
      for (const { path } of files) {
        tokens.push(Math.max(1, Math.round((await wordsOf(path)) * tokensPerWord)));
      }
      return { kind, tokens };
    }
  }
}

function notesOf({ kind, files, texts }: FolderContents): string[] {
  const pngs = files.filter(({ mediaType }) => mediaType === 'image/png').length;
  return [
    ...(texts.length === 0 ? [] : [`Taken for company, not for items: ${countOf('text', texts.length)}.`]),
    ...(pngs === 0 ? [] : [`In PNG: ${countOf('images', pngs)}; the recipe makes JPEG of the same bytes and pixels.`]),
    ...(kind === 'text' ? [`Tokens are estimated as words x ${tokensPerWord}.`] : []),
  ];
}

/** Throws USAGE for a folder without usable files. */
export async function measureFolder(folder: string, kind: MediaKind | null): Promise<MeasuredSource> {
  const contents = await readMediaFolder(folder, kind);
  return {
    sample: await sampleOf(contents),
    origin: countOf(contents.kind, contents.files.length),
    notes: notesOf(contents),
    unusable: contents.unusable,
    sourceBytes: contents.files.reduce((all, { bytes }) => all + bytes, 0),
  };
}
