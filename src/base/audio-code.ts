import { decodeBySearch, decodeOnGrid } from './audio-decoders.ts';
import { mostCountedWords, symbolsPerSlot, toneStepHz } from './audio-frames.ts';
import { createSymbolReader, type SymbolReader } from './audio-reader.ts';
import { symbolSamples } from './audio-tones.ts';
import { mix } from './random.ts';

const consonants = 'bdfghjklmnprstvz';
const vowels = 'aeio';
/** Words are two syllables of 64: 12 bits. What is planted proves whose reply it is (PROTOCOL 2.3). */
const vocabularySize = 4096;

/**
 * What was planted in a clip, as far as it could be read. `missing` = declared words that were not heard. Beyond
 * 65,535 words, which the header cannot count, as many are taken for declared as the audio has room for.
 */
export interface DecodedAudio {
  id: number;
  declaredWords: number;
  words: string[];
  missing: number;
}

function syllable(index: number): string {
  return `${consonants[index >> 2] ?? ''}${vowels[index & 3] ?? ''}`;
}

/** The word of an index in 0..4095, such as `tere`. */
export function vocabularyWord(index: number): string {
  return syllable((index >> 6) & 63) + syllable(index & 63);
}

/** The index of a word, or null if the word is not of the vocabulary. */
export function wordIndex(word: string): number | null {
  if (word.length !== 4) {
    return null;
  }
  const places = [
    consonants.indexOf(word.charAt(0)),
    vowels.indexOf(word.charAt(1)),
    consonants.indexOf(word.charAt(2)),
    vowels.indexOf(word.charAt(3)),
  ] as const;
  return places.includes(-1) ? null : ((places[0] * 4 + places[1]) << 6) | (places[2] * 4 + places[3]);
}

export function isVocabularyWord(word: string): boolean {
  return wordIndex(word) !== null;
}

/** The vocabulary index planted in a slot (from 1) of the clip with this key, so that no transcript is stored. */
export function wordAt(key: number, slot: number): number {
  return mix(key, slot) & (vocabularySize - 1);
}

/** How many words a clip of so many samples carries: one for each whole 400 ms after the header's. */
export function wordsInClip(samples: number, sampleRate: number): number {
  const slots = Math.floor(samples / (symbolSamples(sampleRate) * symbolsPerSlot));
  return Math.max(0, slots - 1);
}

const readers = new Map<number, SymbolReader>();

/**
 * Reads the planted code back from mono 16-bit audio. null if no intact header is heard, or if the
 * sample rate (Hz) is no multiple of 160. Audio on its own grid is read at once; cut or coded audio
 * is searched, which is slower.
 */
export function decodeAudioCode(pcm: Int16Array, sampleRate: number): DecodedAudio | null {
  if (sampleRate <= 0 || sampleRate % toneStepHz !== 0) {
    return null;
  }
  const reader = readers.get(sampleRate) ?? createSymbolReader(sampleRate);
  readers.set(sampleRate, reader);
  const onGrid = decodeOnGrid(pcm, reader);
  // Most words lost after a good header means that the audio left its grid, as when a piece was cut out.
  const room = wordsInClip(pcm.length, sampleRate);
  const isGood = onGrid !== null && onGrid.words.length * 10 >= Math.min(onGrid.countedWords, room) * 9;
  const searched = isGood ? null : decodeBySearch(pcm, reader);
  const heard = searched !== null && searched.words.length > (onGrid?.words.length ?? -1) ? searched : onGrid;
  if (heard === null) {
    return null;
  }
  const declaredWords = heard.countedWords === mostCountedWords ? Math.max(mostCountedWords, room) : heard.countedWords;
  return {
    id: heard.id,
    declaredWords,
    words: heard.words.map(vocabularyWord),
    missing: Math.max(0, declaredWords - heard.words.length),
  };
}
