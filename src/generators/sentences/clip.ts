import { createRandom, mix, type Random } from '../../base/random.ts';
import { wavHeaderBytes, wavHeaderOf } from '../../base/wav.ts';
import type { ByteRange } from '../../model/corpus.ts';
import type { SentenceBank } from './bank.ts';
import { bedRing } from './bed.ts';

const chunkBytes = 65_536;
/** Noise before the first word: no recording begins with one. */
const leadSeconds = { from: 0.1, to: 0.3 } as const;

/** All that a clip is, beside its bank. */
export interface ClipShape {
  sampleRate: number;
  samples: number;
  /** Pauses between utterances. */
  gapSeconds: { from: number; to: number };
  /** Chooses utterances and pauses. */
  orderKey: number;
  /** Chooses the noise. */
  soundKey: number;
}

/** Which utterance begins at which byte of the clip, in order. */
export interface Placement {
  utterance: number;
  start: number;
  end: number;
}

/** The shortest clip that is sure to hold an utterance of so many bytes, in seconds. */
export function leastClipSeconds(utteranceBytes: number, sampleRate: number): number {
  return utteranceBytes / 2 / sampleRate + leadSeconds.to;
}

function drawBytes(random: Random, range: { from: number; to: number }, sampleRate: number): number {
  const from = Math.floor(range.from * sampleRate);
  return 2 * (from + random.below(Math.floor(range.to * sampleRate) - from + 1));
}

/** The utterances in an order of its own, each once before any comes again. */
interface Deck {
  /** Takes the next that is drawn if it has at most so many bytes, else the longest that has; null if none has. */
  take(mostBytes: number): number | null;
}

function createDeck(bank: SentenceBank, random: Random): Deck {
  const order = Int32Array.from({ length: bank.utterances.length }, (_, index) => index);
  const bytesAt = (place: number): number => bank.utterances[order[place] ?? 0]?.pcm.length ?? 0;
  let used = 0;
  return {
    take(mostBytes) {
      used = used === order.length ? 0 : used;
      let chosen = used + random.below(order.length - used);
      if (bytesAt(chosen) > mostBytes) {
        for (let place = used; place < order.length; place += 1) {
          const isBetter = bytesAt(chosen) > mostBytes || bytesAt(place) > bytesAt(chosen);
          chosen = bytesAt(place) <= mostBytes && isBetter ? place : chosen;
        }
      }
      if (bytesAt(chosen) > mostBytes) {
        return null;
      }
      const utterance = order[chosen] as number;
      order[chosen] = order[used] as number;
      order[used] = utterance;
      used += 1;
      return utterance;
    },
  };
}

export function clipBytes(shape: ClipShape): number {
  return wavHeaderBytes + shape.samples * 2;
}

/** Whole utterances as long as they fit, then noise to the clip's exact length. */
function planClip(shape: ClipShape, bank: SentenceBank): Placement[] {
  const random = createRandom(`speech-sentences/clip/${shape.orderKey}/${shape.soundKey}`);
  const deck = createDeck(bank, random);
  const placements: Placement[] = [];
  let start = wavHeaderBytes + drawBytes(random, leadSeconds, shape.sampleRate);
  for (;;) {
    const utterance = deck.take(clipBytes(shape) - start);
    if (utterance === null) {
      return placements;
    }
    const end = start + (bank.utterances[utterance]?.pcm.length ?? 0);
    placements.push({ utterance, start, end });
    start = end + drawBytes(random, shape.gapSeconds, shape.sampleRate);
  }
}

/** What is said in the clip. */
export function clipText(shape: ClipShape, bank: SentenceBank): string {
  return planClip(shape, bank)
    .map(({ utterance }) => bank.utterances[utterance]?.text)
    .join(' ');
}

/** Index of the first placement that ends after `at`. */
function firstEndingAfter(placements: readonly Placement[], at: number): number {
  let low = 0;
  let high = placements.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((placements[middle]?.end ?? 0) > at) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** Copies the part of `piece` (clip bytes from `at` on) that lies within the window of `target` from `start` on. */
function place(target: Uint8Array, start: number, piece: Uint8Array, at: number): void {
  const from = Math.max(at, start);
  const to = Math.min(at + piece.length, start + target.length);
  if (from < to) {
    target.set(piece.subarray(from - at, to - at), from - start);
  }
}

/** Noise of the gap before placement `index`, for clip bytes [from, to) of the window of `target`. */
function placeBed(target: Uint8Array, start: number, gap: { key: number; from: number; to: number }): void {
  const ring = bedRing();
  const end = Math.min(gap.to, start + target.length);
  let at = Math.max(gap.from, start);
  while (at < end) {
    const phase = (2 * (gap.key >>> 1) + at - gap.from) % ring.length;
    const length = Math.min(end - at, ring.length - phase);
    target.set(ring.subarray(phase, phase + length), at - start);
    at += length;
  }
}

interface Composition {
  shape: ClipShape;
  bank: SentenceBank;
  header: Uint8Array;
  placements: readonly Placement[];
}

/** Writes clip bytes from `start` on until `target` is full. */
function compose(target: Uint8Array, start: number, { shape, bank, header, placements }: Composition): void {
  const end = start + target.length;
  place(target, start, header, 0);
  for (let index = firstEndingAfter(placements, start); ; index += 1) {
    const placement = placements[index];
    const gap = {
      key: mix(shape.soundKey, index),
      from: placements[index - 1]?.end ?? wavHeaderBytes,
      to: placement?.start ?? clipBytes(shape),
    };
    placeBed(target, start, gap);
    if (placement === undefined || placement.start >= end) {
      return;
    }
    place(target, start, bank.utterances[placement.utterance]?.pcm ?? new Uint8Array(0), placement.start);
  }
}

/** Yields one buffer again and again: its content holds until the next chunk is asked for. */
export function* clipChunks(
  shape: ClipShape,
  bank: SentenceBank,
  range?: ByteRange,
): Generator<Uint8Array, void, void> {
  const end = Math.min(clipBytes(shape), range?.end ?? Number.POSITIVE_INFINITY);
  let at = Math.max(0, range?.start ?? 0);
  if (at >= end) {
    return;
  }
  const composition = {
    shape,
    bank,
    header: wavHeaderOf(shape.sampleRate, shape.samples),
    placements: planClip(shape, bank),
  };
  const buffer = new Uint8Array(Math.min(chunkBytes, end - at));
  while (at < end) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, end - at));
    compose(chunk, at, composition);
    yield chunk;
    at += chunk.length;
  }
}
