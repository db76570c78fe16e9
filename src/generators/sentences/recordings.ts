import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { sha256Hex } from '../../base/digest.ts';
import { BenchError } from '../../base/errors.ts';
import { groupedDigits } from '../../base/grouped-digits.ts';
import { mediaFactsOf, mediaHeadBytes } from '../../base/media-facts.ts';
import { type MonoSound, readWavPcm } from '../../base/wav-pcm.ts';
import { invalidParam } from '../params/parse-params.ts';
import { readFlacPcm } from './flac/flac.ts';

/** The bank is held in memory: two hours and twenty minutes at 16 kHz. */
const largestBankBytes = 256 * 1024 * 1024;
const soundFiles = ['.wav', '.flac'];
/** One such file holds the transcripts of its folder in LibriSpeech: lines of a file's name and its text. */
const transcriptsSuffix = '.trans.txt';

export interface Recording {
  path: string;
  sha256: string;
  text: string;
}

function refuse(place: string, what: string, hint: string): BenchError {
  return invalidParam(place, ['bank', 'folder'], what, hint);
}

function listFiles(folder: string, place: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error: unknown) {
    throw new BenchError('CORPUS_UNAVAILABLE', `${place}.bank.folder: the folder ${folder} cannot be read.`, {
      hint: 'Paths are relative to the recipe; put the recordings there, or change the path.',
      cause: error,
    });
  }
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function plainText(text: string): string {
  return text.split(/\s+/).filter(Boolean).join(' ');
}

/** Transcripts by the path of the recording without its ending. */
function readTranscripts(files: readonly string[]): ReadonlyMap<string, string> {
  const transcripts = new Map<string, string>();
  for (const file of files) {
    if (file.endsWith(transcriptsSuffix)) {
      for (const line of readFileSync(file, 'utf8').split('\n')) {
        const [name = '', ...words] = line.trim().split(/\s+/);
        transcripts.set(join(dirname(file), name), words.join(' '));
      }
    } else if (extname(file).toLowerCase() === '.txt') {
      transcripts.set(file.slice(0, -'.txt'.length), plainText(readFileSync(file, 'utf8')));
    }
  }
  return transcripts;
}

function refuseTwins(recordings: readonly Recording[], place: string): void {
  const twin = recordings.findIndex(({ sha256 }, index) => index > 0 && sha256 === recordings[index - 1]?.sha256);
  if (twin > 0) {
    throw refuse(
      place,
      `${recordings[twin - 1]?.path} and ${recordings[twin]?.path} are the same recording.`,
      'Remove one of the two, since no utterance may come twice in a clip.',
    );
  }
}

/**
 * All WAV and FLAC files below the folder with their transcripts, sorted by content, so that names, dates and the
 * file system have no say in the order. Throws CORPUS_UNAVAILABLE without a folder, RECIPE_INVALID for a recording
 * that cannot be used or has no transcript.
 */
export function listRecordings(folder: string, sampleRate: number, place: string): readonly Recording[] {
  const files = listFiles(folder, place);
  const transcripts = readTranscripts(files);
  let bankBytes = 0;
  const recordings = files
    .filter((file) => soundFiles.includes(extname(file).toLowerCase()))
    .map((path): Recording => {
      const bytes = readFileSync(path);
      const facts = mediaFactsOf(bytes.subarray(0, mediaHeadBytes), bytes.length);
      const audioSeconds = 'traits' in facts ? facts.traits['audioSeconds'] : null;
      if (audioSeconds === null || audioSeconds === undefined) {
        const why = 'unusable' in facts ? facts.unusable : `the file is ${facts.mediaType}, not sound.`;
        throw refuse(place, `${path}: ${why}`, 'Convert or remove the file.');
      }
      bankBytes += audioSeconds * sampleRate * 2;
      const text = transcripts.get(path.slice(0, -extname(path).length)) ?? '';
      if (text === '') {
        const name = basename(path, extname(path));
        const hint = `Write what is said to ${name}.txt beside it, or in a line "${name} the words" of a *${transcriptsSuffix}.`;
        throw refuse(place, `${path} has no transcript.`, hint);
      }
      return { path, sha256: sha256Hex(bytes), text };
    })
    .sort((a, b) => (a.sha256 < b.sha256 ? -1 : a.sha256 > b.sha256 ? 1 : 0));
  if (recordings.length === 0) {
    throw refuse(place, `there is no .wav or .flac file below ${folder}.`, 'Put recordings of single sentences there.');
  }
  if (bankBytes > largestBankBytes) {
    throw refuse(
      place,
      `the recordings below ${folder} are ${groupedDigits(Math.floor(bankBytes / 1e6))} MB of sound at ${groupedDigits(sampleRate)} Hz.`,
      `Name a folder with at most ${groupedDigits(Math.floor(largestBankBytes / 1e6))} MB of sound: it is held in memory.`,
    );
  }
  refuseTwins(recordings, place);
  return recordings;
}

/** Decodes a recording; throws RECIPE_INVALID if that cannot be done. */
export function readRecording({ path }: Recording, place: string): MonoSound {
  const bytes = readFileSync(path);
  const facts = mediaFactsOf(bytes.subarray(0, mediaHeadBytes), bytes.length);
  const isFlac = 'mediaType' in facts && facts.mediaType === 'audio/flac';
  const sound = isFlac ? readFlacPcm(bytes) : readWavPcm(bytes);
  if ('unusable' in sound) {
    throw refuse(place, `${path}: ${sound.unusable}`, 'Convert or remove the file.');
  }
  return sound;
}
