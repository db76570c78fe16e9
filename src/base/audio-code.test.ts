import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAudioCode, isVocabularyWord, vocabularyWord, wordAt, wordIndex, wordsInClip } from './audio-code.ts';
import { headerFrame, readHeader, readWord, symbolsPerSlot, writeWordFrame } from './audio-frames.ts';
import { symbolPcm, symbolSamples } from './audio-tones.ts';
import { createRandom } from './random.ts';

const key = 0x5eed;
const id = 0xabc_1234;

/** The bare code, without filler and noise: slot 0 the header, then one word a slot, then the rest as silence. */
function codeClip(seconds: number, sampleRate: number): Int16Array {
  const pcm = new Int16Array(seconds * sampleRate);
  const words = wordsInClip(pcm.length, sampleRate);
  const symbols = symbolSamples(sampleRate);
  const frame = new Uint8Array(7);
  for (let slot = 0; slot <= words; slot += 1) {
    writeWordFrame(frame, slot, wordAt(key, slot));
    for (const [index, symbol] of (slot === 0 ? headerFrame(id, words) : frame).entries()) {
      pcm.set(symbolPcm(symbol, sampleRate), (slot * symbolsPerSlot + index) * symbols);
    }
  }
  return pcm;
}

function plantedWords(words: number): string[] {
  return Array.from({ length: words }, (_, index) => vocabularyWord(wordAt(key, index + 1)));
}

/** A telephone codec: 14 bits to 8 and back on a curve of eight segments (ITU-T G.711, mu-law). */
function throughMuLaw(sample: number): number {
  const magnitude = Math.min(32_635, Math.abs(sample)) + 132;
  let segment = 7;
  while (segment > 0 && magnitude < 1 << (segment + 7)) {
    segment -= 1;
  }
  const step = 1 << (segment + 3);
  const kept = Math.floor(magnitude / step) * step + step / 2 - 132;
  return sample < 0 ? -kept : kept;
}

describe('the vocabulary', () => {
  it('has 4,096 different words that lead back to their index', () => {
    const words = Array.from({ length: 4096 }, (_, index) => vocabularyWord(index));
    expect(new Set(words).size).toBe(4096);
    expect(words.map(wordIndex)).toEqual(words.map((_, index) => index));
    expect(words.every((word) => /^[bdfghjklmnprstvz][aeio][bdfghjklmnprstvz][aeio]$/.test(word))).toBe(true);
  });

  it.each(['', 'the', 'tere.', 'tuxe', 'eret', 'teretere'])('does not know the word "%s"', (word) => {
    expect(wordIndex(word)).toBeNull();
    expect(isVocabularyWord(word)).toBe(false);
  });
});

describe('frames', () => {
  it('a header says what was written, and no header with one changed nibble is read', () => {
    fc.assert(
      fc.property(
        fc.nat(0xfff_ffff),
        fc.nat(65_535),
        fc.nat(13),
        fc.integer({ min: 1, max: 15 }),
        (clip, words, at, flip) => {
          const nibbles = headerFrame(clip, words).slice(2);
          expect(readHeader(nibbles)).toEqual({ id: clip, words });
          nibbles[at] = (nibbles[at] ?? 0) ^ flip;
          expect(readHeader(nibbles)).toBeNull();
        },
      ),
    );
  });

  it('a header says 65,535 for that many words or more', () => {
    for (const words of [65_535, 65_536, 71_999, 1_000_000]) {
      expect(readHeader(headerFrame(id, words).slice(2))).toEqual({ id, words: 65_535 });
    }
  });

  it('a word says its slot modulo 16, and no word with one changed nibble is read', () => {
    fc.assert(
      fc.property(fc.nat(65_535), fc.nat(4095), fc.nat(5), fc.integer({ min: 1, max: 15 }), (slot, word, at, flip) => {
        const frame = new Uint8Array(7);
        writeWordFrame(frame, slot, word);
        const nibbles = frame.slice(1);
        expect(readWord(nibbles)).toEqual({ sequence: slot & 15, word });
        nibbles[at] = (nibbles[at] ?? 0) ^ flip;
        expect(readWord(nibbles)).toBeNull();
      }),
    );
  });
});

describe('decoding', () => {
  it.each([8000, 16_000, 48_000])('reads every word at %i Hz', (sampleRate) => {
    const pcm = codeClip(20, sampleRate);
    expect(decodeAudioCode(pcm, sampleRate)).toEqual({
      id,
      declaredWords: 49,
      words: plantedWords(49),
      missing: 0,
    });
  });

  it.each([{ cutMs: 1 }, { cutMs: 13 }, { cutMs: 24 }])(
    'finds all words of a clip whose first $cutMs ms are gone',
    ({ cutMs }) => {
      const cut = codeClip(20, 16_000).slice(cutMs * 16);
      expect(decodeAudioCode(cut, 16_000)).toMatchObject({ id, words: plantedWords(49), missing: 0 });
    },
  );

  it('reads on to the end where the header could not count all words, and misses those that it counted', () => {
    const pcm = codeClip(20, 16_000);
    for (const [index, symbol] of headerFrame(id, 71_999).entries()) {
      pcm.set(symbolPcm(symbol, 16_000), index * symbolSamples(16_000));
    }
    expect(decodeAudioCode(pcm, 16_000)).toEqual({
      id,
      declaredWords: 65_535,
      words: plantedWords(49),
      missing: 65_535 - 49,
    });
    expect(wordsInClip(28_800 * 16_000, 16_000)).toBe(71_999);
  });

  it('hears a clip that begins late', () => {
    const late = new Int16Array(16_000 * 21);
    late.set(codeClip(20, 16_000), 12_345);
    expect(decodeAudioCode(late, 16_000)).toMatchObject({ id, words: plantedWords(49), missing: 0 });
  });

  it('counts as missing what was cut off at the end', () => {
    const half = codeClip(20, 16_000).slice(0, 160_000);
    expect(decodeAudioCode(half, 16_000)).toMatchObject({ id, words: plantedWords(24), missing: 25 });
  });

  it('loses only the words of a piece that was cut out', () => {
    const whole = codeClip(20, 16_000);
    const slot = 6400;
    const joined = Int16Array.from([...whole.slice(0, 10 * slot), ...whole.slice(13 * slot + 77)]);
    const planted = plantedWords(49);
    // Slots 10 to 12 are gone and the cut runs through slot 13's sync, which still leaves most of it.
    const heard = decodeAudioCode(joined, 16_000);
    expect(heard?.words.slice(0, 9)).toEqual(planted.slice(0, 9));
    expect(heard?.words.slice(-36)).toEqual(planted.slice(-36));
    expect(heard?.missing).toBeGreaterThanOrEqual(3);
    expect(heard?.missing).toBeLessThanOrEqual(4);
  });

  it('survives a telephone: half the sample rate and mu-law', () => {
    const wide = codeClip(60, 16_000);
    const narrow = Int16Array.from({ length: wide.length / 2 }, (_, index) =>
      throughMuLaw(((wide[2 * index] ?? 0) + (wide[2 * index + 1] ?? 0)) >> 1),
    );
    expect(decodeAudioCode(narrow, 8000)).toMatchObject({ id, words: plantedWords(149), missing: 0 });
  });

  it.each([
    { why: 'on its grid', cutSamples: 0 },
    { why: 'off its grid', cutSamples: 77 },
  ])('reads every word $why under noise 6 dB below it', ({ cutSamples }) => {
    const random = createRandom('noise');
    const noisy = codeClip(60, 16_000)
      .slice(cutSamples)
      .map((value) => value + Math.floor((random.real() + random.real() + random.real() - 1.5) * 7000));
    expect(decodeAudioCode(noisy, 16_000)).toMatchObject({ id, words: plantedWords(149), missing: 0 });
  });

  it('hears no code in white noise', () => {
    const random = createRandom('noise');
    const noise = Int16Array.from({ length: 16_000 * 120 }, () => (random.uint32() & 0x7fff) - 0x4000);
    expect(decodeAudioCode(noise, 16_000)).toBeNull();
  });

  it.each([
    { what: 'nothing', pcm: new Int16Array(0), sampleRate: 16_000 },
    { what: 'silence', pcm: new Int16Array(32_000), sampleRate: 16_000 },
    {
      what: 'one tone',
      pcm: Int16Array.from({ length: 32_000 }, (_, n) => (n % 40 < 20 ? 8000 : -8000)),
      sampleRate: 16_000,
    },
    { what: 'a sample rate off the grid', pcm: codeClip(2, 16_000), sampleRate: 44_100 },
    { what: 'a sample rate of zero', pcm: codeClip(2, 16_000), sampleRate: 0 },
  ])('hears no code in $what', ({ pcm, sampleRate }) => {
    expect(decodeAudioCode(pcm, sampleRate)).toBeNull();
  });
});
