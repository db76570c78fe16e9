import type { ByteRange } from '../../model/corpus.ts';
import { sentenceBytes, writeSentence } from './filler.ts';

/** A part of a text whose length is known before it is made: a literal, or whole sentences of one key. */
export type TextPiece = { literal: Uint8Array } | { key: number; firstSentence: number; sentences: number };

const chunkBytes = 64 * 1024;

export function pieceBytes(piece: TextPiece): number {
  return 'literal' in piece ? piece.literal.length : piece.sentences * sentenceBytes;
}

/** Copies bytes `start` to `end` of the sentences to the beginning of `target`. */
function copySentences(
  target: Uint8Array,
  piece: Exclude<TextPiece, { literal: Uint8Array }>,
  start: number,
  end: number,
): void {
  const cut = new Uint8Array(sentenceBytes);
  let at = start;
  while (at < end) {
    const place = Math.floor(at / sentenceBytes);
    const from = at - place * sentenceBytes;
    const bytes = Math.min(sentenceBytes - from, end - at);
    const sentence = piece.firstSentence + place;
    if (bytes === sentenceBytes) {
      writeSentence(target, at - start, piece.key, sentence);
    } else {
      writeSentence(cut, 0, piece.key, sentence);
      target.set(cut.subarray(from, from + bytes), at - start);
    }
    at += bytes;
  }
}

/** The bytes of the pieces in their order, within the range, in one buffer that is used again. */
export function* textChunks(pieces: readonly TextPiece[], range: ByteRange): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(0, Math.min(chunkBytes, range.end - range.start)));
  let filled = 0;
  let pieceStart = 0;
  for (const piece of pieces) {
    const pieceEnd = pieceStart + pieceBytes(piece);
    let at = Math.max(pieceStart, range.start);
    const end = Math.min(pieceEnd, range.end);
    while (at < end) {
      const bytes = Math.min(end - at, buffer.length - filled);
      const from = at - pieceStart;
      if ('literal' in piece) {
        buffer.set(piece.literal.subarray(from, from + bytes), filled);
      } else {
        copySentences(buffer.subarray(filled), piece, from, from + bytes);
      }
      at += bytes;
      filled += bytes;
      if (filled === buffer.length) {
        yield buffer;
        filled = 0;
      }
    }
    pieceStart = pieceEnd;
  }
  if (filled > 0) {
    yield buffer.subarray(0, filled);
  }
}
