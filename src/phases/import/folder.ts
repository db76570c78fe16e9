import { BenchError } from '../../base/errors.ts';
import { type FoundFile, filesOf, type UnusableFile } from './files.ts';

export const mediaKinds = ['audio', 'images', 'text'] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** Files of one kind, since a corpus is sent in one wire format. */
export interface FolderContents {
  kind: MediaKind;
  files: FoundFile[];
  unusable: UnusableFile[];
  /** Texts beside audio or images: transcripts, licences, notes. */
  texts: FoundFile[];
}

const nouns: Readonly<Record<MediaKind, readonly [one: string, many: string]>> = {
  audio: ['audio file', 'audio files'],
  images: ['image', 'images'],
  text: ['text file', 'text files'],
};

/** `1 audio file`, `300 images`. */
export function countOf(kind: MediaKind, count: number): string {
  return `${count} ${nouns[kind][count === 1 ? 0 : 1]}`;
}

/** null: not given. Throws USAGE. */
export function mediaKindOf(text: string | undefined): MediaKind | null {
  const kind = mediaKinds.find((known) => known === text);
  if (text !== undefined && kind === undefined) {
    throw new BenchError('USAGE', `--kind "${text}" is not known.`, { hint: `Known: ${mediaKinds.join(', ')}.` });
  }
  return kind ?? null;
}

function kindOfType(mediaType: string): MediaKind {
  if (mediaType.startsWith('audio/')) {
    return 'audio';
  }
  return mediaType.startsWith('image/') ? 'images' : 'text';
}

function nothingUsable(folder: string, unusable: readonly UnusableFile[]): BenchError {
  const first = unusable[0];
  const why =
    first === undefined ? 'is empty.' : `holds no usable file, of ${unusable.length}; ${first.file}: ${first.reason}`;
  return new BenchError('USAGE', `${folder} ${why}`, {
    hint: 'Put WAV, FLAC, JPEG, PNG or text files there, or give another folder.',
  });
}

/** Text beside media is company, not what is to be sent. */
function chooseKind(folder: string, { audio, images }: Readonly<Record<MediaKind, readonly FoundFile[]>>): MediaKind {
  if (audio.length > 0 && images.length > 0) {
    throw new BenchError(
      'USAGE',
      `${folder} holds ${countOf('audio', audio.length)} and ${countOf('images', images.length)}.`,
      { hint: 'A corpus is of one kind: run this once with --kind audio and once with --kind images.' },
    );
  }
  if (audio.length > 0) {
    return 'audio';
  }
  return images.length > 0 ? 'images' : 'text';
}

/**
 * All usable files of one kind below the folder. Throws USAGE if there is none, or if there are audio and images
 * and `wanted` does not say which.
 */
export async function readMediaFolder(folder: string, wanted: MediaKind | null): Promise<FolderContents> {
  const byKind: Record<MediaKind, FoundFile[]> = { audio: [], images: [], text: [] };
  const unusable: UnusableFile[] = [];
  for await (const found of filesOf(folder)) {
    if ('reason' in found) {
      unusable.push(found);
    } else {
      byKind[kindOfType(found.mediaType)].push(found);
    }
  }
  const held = mediaKinds.filter((kind) => byKind[kind].length > 0);
  if (held.length === 0) {
    throw nothingUsable(folder, unusable);
  }
  const kind = wanted ?? chooseKind(folder, byKind);
  if (!held.includes(kind)) {
    const others = held.map((other) => countOf(other, byKind[other].length)).join(' and ');
    throw new BenchError('USAGE', `${folder} holds no ${nouns[kind][1]}, but ${others}.`, {
      hint: `Say --kind ${held.join(' or --kind ')}.`,
    });
  }
  return { kind, files: byKind[kind], unusable, texts: kind === 'text' ? [] : byKind.text };
}
