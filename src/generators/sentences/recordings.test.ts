import { readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { wavHeaderOf } from '../../base/wav.ts';
import { folderOf, noiseWav } from './recordings.fixture.ts';
import { listRecordings, readRecording } from './recordings.ts';

const place = 'corpora/x.yaml:6:1 params';
const flac = readFileSync(new URL('flac/mono-16.flac', import.meta.url));
const clip = noiseWav('a', 0.5, 16_000);

const folders: string[] = [];
function made(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = folderOf(files);
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true });
  }
});

describe('listRecordings', () => {
  it('finds WAV and FLAC at any depth, with transcripts beside them or in one file for the folder', () => {
    const folder = made({
      'own/a.WAV': clip,
      'own/a.txt': ' Good\n  morning. ',
      'own/notes.md': 'not a recording',
      '84/121123/84-121123-0001.flac': flac,
      '84/121123/84-121123-0002.wav': noiseWav('b', 0.5, 16_000),
      '84/121123/84-121123.trans.txt': '84-121123-0001 GO DO YOU HEAR\n84-121123-0002 BUT IN LESS\n',
    });
    const found = listRecordings(folder, 16_000, place);
    expect(Object.fromEntries(found.map(({ path, text }) => [basename(path), text]))).toEqual({
      'a.WAV': 'Good morning.',
      '84-121123-0001.flac': 'GO DO YOU HEAR',
      '84-121123-0002.wav': 'BUT IN LESS',
    });
  });

  it('takes a transcript for its own folder only', () => {
    const folder = made({ 'a/one.wav': clip, 'b/one.txt': 'elsewhere' });
    expect(() => listRecordings(folder, 16_000, place)).toThrowError(/a\/one\.wav has no transcript/);
  });

  it('sorts by content, so that names do not matter', () => {
    const [first, second] = [noiseWav('c', 0.1, 8000), noiseWav('d', 0.1, 8000)];
    const texts = (folder: string): string[] => listRecordings(folder, 8000, place).map(({ text }) => text);
    const one = made({ 'a.wav': first, 'a.txt': 'first', 'b.wav': second, 'b.txt': 'second' });
    const other = made({ 'z.wav': first, 'z.txt': 'first', 'm.wav': second, 'm.txt': 'second' });
    expect(texts(one)).toEqual(texts(other));
  });

  const hours = Buffer.concat([wavHeaderOf(8000, 3 * 3600 * 8000), Buffer.alloc(16)]);
  it.each([
    {
      why: 'without transcript',
      files: { 'a.wav': clip },
      says: /params\.bank\.folder: .*a\.wav has no transcript\.$/,
      hint: 'Write what is said to a.txt beside it, or in a line "a the words" of a *.trans.txt.',
    },
    {
      why: 'with an empty transcript',
      files: { 'a.wav': clip, 'a.txt': ' \n' },
      says: /a\.wav has no transcript\.$/,
      hint: 'Write what is said',
    },
    { why: 'that is none', files: { 'a.txt': 'text' }, says: /there is no \.wav or \.flac file below/, hint: 'Put' },
    {
      why: 'that is cut',
      files: { 'a.wav': hours, 'a.txt': 'text' },
      says: /a\.wav: the WAV file says 172,800,000 bytes of samples, but only 16 follow\.$/,
      hint: 'Convert or remove',
    },
    {
      why: 'that is a text',
      files: { 'a.wav': 'not sound', 'a.txt': 'text' },
      says: /a\.wav: the file is text\/plain, not sound\.$/,
      hint: 'Convert or remove',
    },
    {
      why: 'that comes twice',
      files: { 'a.wav': clip, 'a.txt': 'one', 'b.wav': clip, 'b.txt': 'one' },
      says: /a\.wav and .*b\.wav are the same recording\.$|b\.wav and .*a\.wav are the same recording\.$/,
      hint: 'Remove one',
    },
  ])('refuses a recording $why', ({ files, says, hint }) => {
    expect(() => listRecordings(made(files), 16_000, place)).toThrowError(
      expect.objectContaining({
        code: 'RECIPE_INVALID',
        message: expect.stringMatching(says) as string,
        hint: expect.stringContaining(hint) as string,
      }),
    );
  });

  it('refuses more sound than a process should hold', () => {
    const folder = made({ 'a.wav': noiseWav('long', 120, 8000), 'a.txt': 'text' });
    expect(() => listRecordings(folder, 16_000_000, place)).toThrowError(/are 3,840 MB of sound at 16,000,000 Hz\.$/);
  });

  it('says that a folder is not there', () => {
    expect(() => listRecordings('/nowhere/at/all', 16_000, place)).toThrowError(
      expect.objectContaining({
        code: 'CORPUS_UNAVAILABLE',
        message: `${place}.bank.folder: the folder /nowhere/at/all cannot be read.`,
      }),
    );
  });
});

describe('readRecording', () => {
  const recording = (folder: string, name: string) => ({ path: `${folder}/${name}`, sha256: '', text: 'x' });

  it('decodes both kinds, whatever the name says', () => {
    const folder = made({ 'a.wav': flac, 'b.flac': clip });
    expect(readRecording(recording(folder, 'a.wav'), place).pcm).toHaveLength(1892);
    expect(readRecording(recording(folder, 'b.flac'), place).pcm).toHaveLength(8000);
  });

  it('names the file that cannot be decoded', () => {
    const folder = made({ 'a.flac': flac.subarray(0, 900) });
    expect(() => readRecording(recording(folder, 'a.flac'), place)).toThrowError(
      /a\.flac: the FLAC file ends before its last sample\.$/,
    );
  });
});
