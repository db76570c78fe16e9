import { mostCountedWords, readHeader, readWord, symbolsPerSlot, wordFrameSymbols } from './audio-frames.ts';
import type { SymbolReader } from './audio-reader.ts';

/**
 * `words` are vocabulary indices in the order of the audio; what could not be read is not among them.
 * `countedWords` is the header's number, which stops at `mostCountedWords`.
 */
export interface HeardCode {
  id: number;
  countedWords: number;
  words: number[];
}

/** Noise as loud as the code halves the share of the sync tones; speech stays far below. */
const leastSyncShare = 0.4;
const headerSymbols = symbolsPerSlot - 2;

/** For audio on its own grid: looks only where words must be. null if there is no intact header at the start. */
export function decodeOnGrid(pcm: Int16Array, reader: SymbolReader): HeardCode | null {
  const symbol = reader.symbolSamples;
  const slotSamples = symbol * symbolsPerSlot;
  if (pcm.length < slotSamples || reader.syncShare(pcm, 0) < leastSyncShare) {
    return null;
  }
  const header = readHeader(reader.nibbles(pcm, 2 * symbol, headerSymbols));
  if (header === null) {
    return null;
  }
  const words: number[] = [];
  // A word is whole before its slot is: a cut in the filler costs nothing. Where the header does not say how many
  // words there are, only whole slots count, since the noise of a partial one might pass for a word.
  const slots =
    header.words === mostCountedWords
      ? Math.floor(pcm.length / slotSamples) - 1
      : Math.min(header.words, Math.floor((pcm.length - wordFrameSymbols * symbol) / slotSamples));
  for (let slot = 1; slot <= slots; slot += 1) {
    const heard = readWord(reader.nibbles(pcm, slot * slotSamples + symbol, wordFrameSymbols - 1));
    if (heard !== null && heard.sequence === (slot & 15)) {
      words.push(heard.word);
    }
  }
  return { id: header.id, countedWords: header.words, words };
}

/**
 * Where the data begins after the sync near `coarse`. Two syncs in a row make a plateau, so it is
 * the last offset that is about as good as the best, not the best.
 */
function dataOffset(pcm: Int16Array, reader: SymbolReader, coarse: number, reach: number): number {
  const step = Math.max(1, Math.floor(reader.periodSamples / 10));
  const last = Math.min(pcm.length - reader.symbolSamples, coarse + reach);
  const shares: { offset: number; share: number }[] = [];
  for (let offset = Math.max(0, coarse - reader.periodSamples); offset <= last; offset += step) {
    shares.push({ offset, share: reader.syncShare(pcm, offset) });
  }
  const best = shares.reduce((most, { share }) => Math.max(most, share), 0);
  const chosen = shares.findLast(({ share }) => share >= 0.97 * best);
  return (chosen?.offset ?? coarse) + reader.symbolSamples;
}

/** For audio that was cut, delayed or coded: finds each sync by its sound. null if no header was heard. */
export function decodeBySearch(pcm: Int16Array, reader: SymbolReader): HeardCode | null {
  const symbol = reader.symbolSamples;
  const hop = Math.floor(reader.periodSamples / 2);
  const words: number[] = [];
  let header: { id: number; words: number } | null = null;
  let at = 0;
  while (at + symbol * wordFrameSymbols <= pcm.length) {
    if (reader.syncShare(pcm, at) < leastSyncShare) {
      at += hop;
      continue;
    }
    const start = dataOffset(pcm, reader, at, header === null ? 2 * symbol : symbol);
    // Without the second sync, one word in 4,096 would pass for a header by its checksum; a cut may have taken it.
    const before = start - 2 * symbol;
    const isDouble = before < 0 || reader.syncShare(pcm, before) >= leastSyncShare;
    if (header === null && isDouble && start + headerSymbols * symbol <= pcm.length) {
      header = readHeader(reader.nibbles(pcm, start, headerSymbols));
      if (header !== null) {
        at = start + headerSymbols * symbol;
        continue;
      }
    }
    const isWhole = start + (wordFrameSymbols - 1) * symbol <= pcm.length;
    const heard = isWhole ? readWord(reader.nibbles(pcm, start, wordFrameSymbols - 1)) : null;
    if (heard === null) {
      at += symbol;
      continue;
    }
    words.push(heard.word);
    at = start + (wordFrameSymbols - 1) * symbol;
  }
  return header === null ? null : { id: header.id, countedWords: header.words, words };
}
