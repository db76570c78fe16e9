import { describe, expect, it } from 'vitest';
import { decodeAudioCode } from '../../base/audio-code.ts';
import { cosineOfTurn, sineOfTurn, tau } from '../../base/audio-tones.ts';
import { type ClipShape, clipChunks, clipTranscript } from './clip.ts';
import { throughALaw, throughMuLaw } from './g711.fixture.ts';

const clips = [11, 22, 33].map(
  (key): ClipShape => ({
    encoding: 'pcm16',
    sampleRate: 16_000,
    samples: 16_000 * 30,
    id: key,
    wordKey: key,
    soundKey: key + 1,
  }),
);

function pcmOf(shape: ClipShape): Int16Array {
  const bytes = Buffer.concat(Array.from(clipChunks(shape), (chunk) => Buffer.from(chunk)));
  return new Int16Array(new Uint8Array(bytes.subarray(44)).buffer);
}

/** A low-pass of so many taps: a sinc of the cutoff (share of the sample rate) in a Hamming window. */
function lowPass(cutoff: number, taps: number): Float64Array {
  const middle = (taps - 1) / 2;
  const kernel = Float64Array.from({ length: taps }, (_, tap) => {
    const away = Math.abs(tap - middle);
    const sinc = away === 0 ? 2 * cutoff : sineOfTurn((cutoff * away) % 1) / ((tau / 2) * away);
    return sinc * (0.54 - 0.46 * cosineOfTurn(tap / (taps - 1)));
  });
  const gain = kernel.reduce((all, value) => all + value, 0);
  return kernel.map((value) => value / gain);
}

/** The telephone's band and half the samples. */
function halfRate(pcm: Int16Array): Int16Array {
  const kernel = lowPass(3400 / 16_000, 63);
  return Int16Array.from({ length: Math.floor(pcm.length / 2) }, (_, index) => {
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap += 1) {
      sum += (kernel[tap] ?? 0) * (pcm[index * 2 + tap - 31] ?? 0);
    }
    return Math.max(-32_768, Math.min(32_767, Math.floor(sum + 0.5)));
  });
}

/** Every second sample is a new one half way between its neighbours. */
function doubleRate(pcm: Int16Array): Int16Array {
  return Int16Array.from({ length: pcm.length * 2 }, (_, index) =>
    index % 2 === 0
      ? (pcm[index / 2] ?? 0)
      : ((pcm[(index - 1) / 2] ?? 0) + (pcm[(index + 1) / 2] ?? pcm[(index - 1) / 2] ?? 0)) >> 1,
  );
}

describe('the share of planted words that are read wrongly or not at all is 0', () => {
  it.each([
    { why: 'as sent', through: (pcm: Int16Array) => pcm, sampleRate: 16_000 },
    { why: 'filtered to 8 kHz', through: halfRate, sampleRate: 8000 },
    { why: 'as 8 kHz mu-law', through: (pcm: Int16Array) => halfRate(pcm).map(throughMuLaw), sampleRate: 8000 },
    { why: 'as 8 kHz A-law', through: (pcm: Int16Array) => halfRate(pcm).map(throughALaw), sampleRate: 8000 },
    { why: 'as 16 kHz mu-law', through: (pcm: Int16Array) => pcm.map(throughMuLaw), sampleRate: 16_000 },
    { why: 'as 16 kHz A-law', through: (pcm: Int16Array) => pcm.map(throughALaw), sampleRate: 16_000 },
    {
      why: 'over a telephone line and up to 16 kHz again',
      through: (pcm: Int16Array) => doubleRate(halfRate(pcm).map(throughMuLaw)),
      sampleRate: 16_000,
    },
    {
      why: 'a fifth as loud, over mu-law',
      through: (pcm: Int16Array) => halfRate(pcm.map((sample) => Math.floor(sample / 5))).map(throughMuLaw),
      sampleRate: 8000,
    },
  ])('$why', ({ through, sampleRate }) => {
    let planted = 0;
    let wrong = 0;
    for (const clip of clips) {
      const words = clipTranscript(clip).split(' ');
      const decoded = decodeAudioCode(through(pcmOf(clip)), sampleRate);
      planted += words.length;
      wrong += words.filter((word, index) => decoded?.words[index] !== word).length;
      expect(decoded).toMatchObject({ id: clip.id, declaredWords: words.length, missing: 0 });
    }
    expect(planted).toBe(222);
    expect(wrong / planted).toBe(0);
  });
});
