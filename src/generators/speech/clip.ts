import { vocabularyWord, wordAt, wordsInClip } from '../../base/audio-code.ts';
import { bedSymbol, headerFrame, symbolsPerSlot, wordFrameSymbols, writeWordFrame } from '../../base/audio-frames.ts';
import { mix } from '../../base/random.ts';
import type { ByteRange } from '../../model/corpus.ts';
import { fillerUnits, noiseVariants, type SpeechBank, speechBank } from './bank.ts';
import { type Encoding, encodingFacts, wavHeader } from './encoding.ts';

const chunkBytes = 65_536;

/** All that a clip is: its bytes follow from these. */
export interface ClipShape {
  encoding: Encoding;
  sampleRate: number;
  samples: number;
  id: number;
  /** Chooses the words. */
  wordKey: number;
  /** Chooses filler and noise. */
  soundKey: number;
}

/** Writes clip bytes [start, end) to the front of `target`; pieces that stick out are cut. */
function compose(target: Uint8Array, shape: ClipShape, start: number, end: number): void {
  const place = (piece: Uint8Array, at: number): void => {
    if (at >= end || at + piece.length <= start) {
      return;
    }
    if (at >= start && at + piece.length <= end) {
      target.set(piece, at - start);
    } else {
      target.set(piece.subarray(Math.max(0, start - at), end - at), Math.max(0, at - start));
    }
  };
  const { headerBytes } = encodingFacts[shape.encoding];
  const bank = speechBank(shape.sampleRate, shape.encoding);
  const slotBytes = bank.symbolBytes * symbolsPerSlot;
  const words = wordsInClip(shape.samples, shape.sampleRate);
  if (start < headerBytes) {
    place(wavHeader(shape.encoding, shape.sampleRate, shape.samples), 0);
  }
  const first = Math.max(0, Math.floor((start - headerBytes) / slotBytes));
  for (let slot = first; headerBytes + slot * slotBytes < end; slot += 1) {
    composeSlot(bank, shape, words, slot, place);
  }
}

function composeSlot(
  bank: SpeechBank,
  shape: ClipShape,
  words: number,
  slot: number,
  place: (piece: Uint8Array, at: number) => void,
): void {
  const at = encodingFacts[shape.encoding].headerBytes + slot * bank.symbolBytes * symbolsPerSlot;
  const frame = slotFrame(shape, words, slot);
  for (let index = 0; index < frame.length; index += 1) {
    const variant = mix(shape.soundKey, slot * symbolsPerSlot + index) & (noiseVariants - 1);
    place(bank.symbol(frame[index] ?? bedSymbol, variant), at + index * bank.symbolBytes);
  }
  if (frame.length === wordFrameSymbols) {
    const unit = mix(shape.soundKey, slot * symbolsPerSlot + wordFrameSymbols) & (fillerUnits - 1);
    place(bank.filler(unit), at + wordFrameSymbols * bank.symbolBytes);
  }
}

const wordFrame = new Uint8Array(wordFrameSymbols);
const bedFrame = new Uint8Array(symbolsPerSlot).fill(bedSymbol);

function slotFrame(shape: ClipShape, words: number, slot: number): Uint8Array {
  if (slot === 0) {
    return headerFrame(shape.id, words);
  }
  if (slot > words) {
    return bedFrame;
  }
  writeWordFrame(wordFrame, slot, wordAt(shape.wordKey, slot));
  return wordFrame;
}

export function clipBytes(shape: ClipShape): number {
  const { headerBytes, sampleBytes } = encodingFacts[shape.encoding];
  return headerBytes + shape.samples * sampleBytes;
}

/** Yields one buffer again and again: its content holds until the next chunk is asked for. */
export function* clipChunks(shape: ClipShape, range?: ByteRange): Generator<Uint8Array, void, void> {
  const end = Math.min(clipBytes(shape), range?.end ?? Number.POSITIVE_INFINITY);
  let at = Math.max(0, range?.start ?? 0);
  const buffer = new Uint8Array(Math.max(0, Math.min(chunkBytes, end - at)));
  while (at < end) {
    const length = Math.min(buffer.length, end - at);
    compose(buffer, shape, at, at + length);
    yield length === buffer.length ? buffer : buffer.subarray(0, length);
    at += length;
  }
}

/** The words of the clip, joined by spaces. */
export function clipTranscript(shape: ClipShape): string {
  const words = Array.from({ length: wordsInClip(shape.samples, shape.sampleRate) }, (_, index) =>
    vocabularyWord(wordAt(shape.wordKey, index + 1)),
  );
  return words.join(' ');
}
