import { mix } from '../../base/random.ts';
import { vocabulary, wordLetters } from './vocabulary.ts';

const wordsPerSentence = 12;
/** The words and the full stop. */
export const sentenceTokens = wordsPerSentence + 1;
/** Every word is followed by a space, but the last by a full stop and a space. */
export const sentenceBytes = wordsPerSentence * (wordLetters + 1) + 1;

const letters = new TextEncoder().encode(vocabulary.join(''));
const fourWordsBytes = 4 * (wordLetters + 1);
const space = 32;
const fullStop = 46;

/** Four words of one draw, each with a space; letter by letter, since a call for each word takes most of the time. */
function writeFourWords(target: Uint8Array, at: number, drawn: number): void {
  let to = at;
  for (let shift = 0; shift < 32; shift += 8) {
    const from = ((drawn >>> shift) & 255) * wordLetters;
    target[to] = letters[from] ?? 0;
    target[to + 1] = letters[from + 1] ?? 0;
    target[to + 2] = letters[from + 2] ?? 0;
    target[to + 3] = letters[from + 3] ?? 0;
    target[to + 4] = space;
    to += wordLetters + 1;
  }
}

/** Writes sentence number `sentence` of the text `key` at `at`. */
export function writeSentence(target: Uint8Array, at: number, key: number, sentence: number): void {
  for (let draw = 0; draw < 3; draw += 1) {
    writeFourWords(target, at + draw * fourWordsBytes, mix(key, sentence * 4 + draw));
  }
  target[at + sentenceBytes - 2] = fullStop;
  target[at + sentenceBytes - 1] = space;
}

/** A sentence of 1 to 16 words instead. */
export function sentenceOf(words: number, key: number, sentence: number): Uint8Array {
  const bytes = new Uint8Array(4 * fourWordsBytes + 1);
  for (let draw = 0; draw < 4; draw += 1) {
    writeFourWords(bytes, draw * fourWordsBytes, mix(key, sentence * 4 + draw));
  }
  const end = words * (wordLetters + 1);
  bytes[end - 1] = fullStop;
  bytes[end] = space;
  return bytes.subarray(0, end + 1);
}
