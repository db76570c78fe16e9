import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../base/digest.ts';
import { createRandom } from '../../base/random.ts';
import { wavHeaderOf } from '../../base/wav.ts';
import { importedFiles } from '../../generators/imported-files.ts';
import { speechLongform } from '../../generators/speech-longform.ts';
import { createSpeechSentences } from '../../generators/speech-sentences.ts';
import { formatListedFile } from '../../model/file-list.ts';
import { folderWith, jpegStart } from '../../testing/media-folder.ts';
import { openCorpus } from '../corpus/open-corpus.ts';
import { recipeText } from '../fit/recipe.ts';
import { folderFrom, importFolder } from './corpus.ts';
import { filesDraft, type RecipeWords, sentencesDraft } from './recipe.ts';
import { targetShapeOf } from './target.ts';

const folders: string[] = [];
const cache = folderWith({});
const generators = [
  importedFiles,
  speechLongform,
  createSpeechSentences({ engineFile: () => null, cacheFolder: cache }),
];
const ignore = (): void => undefined;
const words: RecipeWords = { name: 'ours', title: null, licence: 'as the imported files', folder: '.' };

afterEach(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true });
  }
});
afterAll(() => {
  rmSync(cache, { recursive: true });
});

function held(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = folderWith(files);
  folders.push(folder);
  return folder;
}

/** Noise, so that no two recordings are the same. */
function recording(name: string, seconds: number): Uint8Array {
  const random = createRandom(name);
  const samples = Math.round(seconds * 8000);
  const pcm = Uint8Array.from({ length: samples * 2 }, (_, index) => (index % 2 === 0 ? random.below(256) : 0));
  return Buffer.concat([wavHeaderOf(8000, samples), pcm]);
}

const librispeech = {
  'README.TXT': 'read this',
  '84/1/84-1-0000.wav': recording('a', 1.5),
  '84/1/84-1-0001.wav': recording('b', 2),
  '84/1/84-1.trans.txt': '84-1-0000 GO DO YOU HEAR\n84-1-0001 BUT IN LESS\n',
  '84/2/own.wav': recording('c', 1),
  '84/2/own.txt': '  A text\nof two lines. ',
};

describe('importFolder', () => {
  it('lists every recording with its hash and what is said in it, by path', async () => {
    const folder = held(librispeech);
    const { kind, files, unusable } = await importFolder(folder, null, ignore);
    expect([kind, unusable]).toEqual(['audio', []]);
    expect(files).toEqual([
      {
        file: '84/1/84-1-0000.wav',
        bytes: 24_044,
        sha256: sha256Hex(librispeech['84/1/84-1-0000.wav']),
        mediaType: 'audio/wav',
        traits: { audioSeconds: 1.5 },
        text: 'GO DO YOU HEAR',
      },
      expect.objectContaining({ file: '84/1/84-1-0001.wav', text: 'BUT IN LESS' }),
      expect.objectContaining({ file: '84/2/own.wav', text: 'A text of two lines.' }),
    ]);
  });

  it('says why a file is left out, and goes on', async () => {
    const torn = recording('torn', 1).subarray(0, 100);
    const folder = held({
      'a.wav': recording('a', 1),
      'b/torn.wav': torn,
      'empty.wav': '',
      'song.mp3': 'ID3\u0003 ...',
      'words.wav': 'not a recording',
    });
    symlinkSync('/etc/hostname', join(folder, 'out.txt'));
    symlinkSync('a.wav', join(folder, 'again.wav'));
    symlinkSync('nowhere', join(folder, 'lost'));
    writeFileSync(join(folder, '.hidden'), 'passed over');
    const { files, unusable } = await importFolder(folder, null, ignore);
    expect(files.map(({ file }) => file)).toEqual(['a.wav']);
    expect(unusable).toEqual([
      { file: 'again.wav', reason: 'the link leads to another place of this folder, which counts on its own.' },
      { file: 'empty.wav', reason: 'the file has 0 bytes.' },
      { file: 'lost', reason: 'the link leads nowhere.' },
      { file: 'out.txt', reason: 'the link leads out of the folder and is not followed.' },
      { file: 'song.mp3', reason: expect.stringContaining('MP3') as string },
      { file: 'words.wav', reason: 'it is named as audio or an image, but holds text.' },
      { file: 'b/torn.wav', reason: 'the WAV file says 16,000 bytes of samples, but only 56 follow.' },
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('leaves out what may not be read', async () => {
    const folder = held({ 'a.wav': recording('a', 1), 'locked.wav': recording('b', 1) });
    chmodSync(join(folder, 'locked.wav'), 0);
    const { unusable } = await importFolder(folder, null, ignore);
    expect(unusable).toEqual([{ file: 'locked.wav', reason: 'the file may not be read.' }]);
  });

  it('takes images and their sides, and the kind that was asked for', async () => {
    const folder = held({ 'a.jpg': jpegStart(640, 480, 900), 'a.wav': recording('a', 1), 'note.txt': 'hello' });
    expect((await importFolder(folder, 'images', ignore)).files).toMatchObject([
      { file: 'a.jpg', mediaType: 'image/jpeg', traits: { width: 640, height: 480, pixels: 307_200 }, text: null },
    ]);
    expect((await importFolder(folder, 'text', ignore)).files).toMatchObject([{ file: 'note.txt' }]);
  });

  it('tells how far it has come', async () => {
    const folder = held({ 'a.txt': 'four', 'b.txt': 'five5' });
    const seen: [number, number, number][] = [];
    await importFolder(folder, null, ({ bytes, bytesWanted, itemsWanted }) =>
      seen.push([bytes, bytesWanted, itemsWanted]),
    );
    expect(seen.at(-1)).toEqual([9, 9, 2]);
  });

  it.each([
    { why: 'an empty folder', files: {}, kind: null, message: / is empty\.$/ },
    {
      why: 'nothing usable',
      files: { 'a.bin': '\u0000\u0001' },
      kind: null,
      message: / holds no usable file, of 1; a\.bin: the file is none/,
    },
    {
      why: 'two kinds',
      files: { 'a.wav': recording('a', 1), 'a.jpg': jpegStart(9, 9, 90) },
      kind: null,
      message: / holds 1 audio file and 1 image\.$/,
    },
    {
      why: 'another kind than asked for',
      files: { 'a.txt': 'x' },
      kind: 'audio' as const,
      message: / holds no audio files, but 1 text file\.$/,
    },
  ])('refuses $why in one line with a remedy', async ({ files, kind, message }) => {
    await expect(importFolder(held(files), kind, ignore)).rejects.toThrowError(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(/\.$/) as string,
      }),
    );
  });

  it.each([
    { why: 'what is not there', path: '/nowhere/at-all', message: '/nowhere/at-all does not exist.' },
    {
      why: 'a file',
      path: new URL(import.meta.url).pathname,
      message: expect.stringMatching(/ is not a folder\.$/) as string,
    },
  ])('refuses $why in place of a folder', async ({ path, message }) => {
    await expect(importFolder(path, null, ignore)).rejects.toThrowError(expect.objectContaining({ message }));
  });
});

describe('a recipe of imported files', () => {
  it('opens to the files as they are, with their transcripts', async () => {
    const folder = held(librispeech);
    const imported = await importFolder(folder, null, ignore);
    const text = recipeText(filesDraft(imported, { ...words, folder: folderFrom(folder, folder) }));
    writeFileSync(join(folder, 'ours.files.jsonl'), imported.files.map(formatListedFile).join('\n'));
    const { items } = openCorpus(text, join(folder, 'ours.yaml'), generators);
    expect(items.map(({ truth }) => truth['text'])).toEqual(['GO DO YOU HEAR', 'BUT IN LESS', 'A text of two lines.']);
    expect(Buffer.concat([...(items[0]?.chunks() ?? [])])).toEqual(Buffer.from(librispeech['84/1/84-1-0000.wav']));
  });

  it.each([
    { recipeFolder: 'corpora', folder: 'recordings', path: '../recordings' },
    { recipeFolder: '.', folder: './a/b', path: 'a/b' },
    { recipeFolder: 'x', folder: 'x', path: '.' },
  ])('in $recipeFolder says $path of $folder', ({ recipeFolder, folder, path }) => {
    expect(folderFrom(recipeFolder, folder)).toBe(path);
  });
});

const target = `name: calls
title: Calls
generator: speech-longform
seed: 1
count: 40
params:
  sampleRate: 8000
  by: seconds
  buckets:
    - { from: 1, to: 6, share: 0.75 }
    - { from: 6, to: 30, share: 0.25 }
licence: Apache-2.0
`;

describe('recordings put together to the lengths of another corpus', () => {
  it('have its shares, and whole recordings in each clip', async () => {
    const folder = held(librispeech);
    const imported = await importFolder(folder, null, ignore);
    const { draft, notes } = sentencesDraft(imported, targetShapeOf(target, 'calls.yaml', generators), words);
    const { items } = openCorpus(recipeText(draft), join(folder, 'ours.yaml'), generators);
    const lengths = items.map(({ traits }) => traits['audioSeconds'] ?? 0);
    expect([lengths.filter((seconds) => seconds < 6).length, lengths.length]).toEqual([30, 40]);
    expect(Math.min(...lengths)).toBeGreaterThan(1.3);
    expect(items.every(({ truth }) => (truth['text'] ?? '') !== '')).toBe(true);
    expect(notes[0]).toMatch(/^\d of the 40 clips of calls are shorter than 1\.3 s and become so long, since/);
  });

  it.each([
    { why: 'a mean', changed: target.replace('by: seconds', 'by: seconds\n  meanSeconds: 4.5') },
    {
      why: 'sizes',
      changed: target
        .replace('by: seconds', 'by: bytes\n  meanBytes: 100000')
        .replace('from: 1, to: 6', 'from: 16044, to: 96044')
        .replace('from: 6, to: 30', 'from: 96044, to: 480044'),
    },
  ])('follow a corpus that is bent to $why', async ({ changed }) => {
    const folder = held(librispeech);
    const shape = targetShapeOf(changed, 'calls.yaml', generators);
    const { draft } = sentencesDraft(await importFolder(folder, null, ignore), shape, words);
    const { items } = openCorpus(recipeText(draft), join(folder, 'ours.yaml'), generators);
    const total = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
    const made = items.map(({ traits }) => traits['audioSeconds'] ?? 0);
    expect(total(made) / total(shape.lengths)).toBeCloseTo(1, 1);
  });

  it.each([
    {
      why: 'a recording without a transcript',
      files: { 'a.wav': recording('a', 1) },
      message: '1 recordings have no transcript, the first is a.wav.',
    },
    {
      why: 'a torn recording',
      files: { 'a.wav': recording('a', 1), 'a.txt': 'yes', 'b.wav': recording('b', 1).subarray(0, 60) },
      message:
        '1 recordings cannot be used, the first is b.wav: the WAV file says 16,000 bytes of samples, but only 16 follow.',
    },
    {
      why: 'images',
      files: { 'a.jpg': jpegStart(9, 9, 90) },
      message: '--to puts audio together, but these are 1 image.',
    },
    {
      why: 'recordings that are all too long',
      files: { 'a.wav': recording('a', 40), 'a.txt': 'yes' },
      message: '--to calls: 40 of the 40 clips of calls are shorter than 40.3 s, the least that holds a recording.',
    },
  ])('refuse $why', async ({ files, message }) => {
    const imported = await importFolder(held(files), null, ignore);
    const shape = targetShapeOf(target, 'calls.yaml', generators);
    expect(() => sentencesDraft(imported, shape, words)).toThrowError(
      expect.objectContaining({ code: 'USAGE', message }),
    );
  });

  it('refuse a corpus without lengths', async () => {
    const folder = held({ 'a.jpg': jpegStart(9, 9, 90) });
    const imported = await importFolder(folder, null, ignore);
    writeFileSync(join(folder, 'ours.files.jsonl'), imported.files.map(formatListedFile).join('\n'));
    const text = recipeText(filesDraft(imported, words));
    expect(() => targetShapeOf(text, join(folder, 'ours.yaml'), generators)).toThrowError(
      expect.objectContaining({ code: 'USAGE', message: '--to ours: the corpus has no buckets of audio lengths.' }),
    );
  });
});
