import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { FoundFile } from './files.ts';

/** LibriSpeech keeps the transcripts of a folder in one such file: a recording's name and its words on each line. */
const sharedSuffix = '.trans.txt';

function plainText(text: string): string {
  return text.split(/\s+/).filter(Boolean).join(' ');
}

function stemOf(file: string): string {
  return file.slice(0, file.length - posix.extname(file).length);
}

async function transcriptsIn({ file, path }: FoundFile): Promise<[stem: string, text: string][]> {
  const content = await readFile(path, 'utf8');
  if (!file.endsWith(sharedSuffix)) {
    return [[stemOf(file), plainText(content)]];
  }
  return content.split('\n').map((line) => {
    const [name = '', ...words] = line.trim().split(/\s+/);
    return [posix.join(posix.dirname(file), name), words.join(' ')];
  });
}

/** What is said in each recording, as far as a text beside it tells; null elsewhere. In the order of `recordings`. */
export async function transcriptsOf(
  recordings: readonly FoundFile[],
  texts: readonly FoundFile[],
): Promise<(string | null)[]> {
  const stems = new Set(recordings.map(({ file }) => stemOf(file)));
  const known = new Map<string, string>();
  for (const text of texts.filter(({ file }) => file.endsWith(sharedSuffix) || stems.has(stemOf(file)))) {
    for (const [stem, words] of await transcriptsIn(text)) {
      known.set(stem, words);
    }
  }
  return recordings.map(({ file }) => known.get(stemOf(file)) || null);
}
