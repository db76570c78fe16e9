import { describe, expect, it } from 'vitest';
import { sineOfTurn } from './audio-tones.ts';
import { sha256Hex } from './digest.ts';
import { createResampler } from './resample.ts';

function tone(frequencyHz: number, sampleRate: number, samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, index) => {
    const turns = (frequencyHz * index) / sampleRate;
    return Math.floor(16_000 * sineOfTurn(turns - Math.floor(turns)) + 0.5);
  });
}

/** The largest difference between two sounds, away from their ends. */
function largestError(a: Int16Array, b: Int16Array): number {
  return a
    .subarray(200, -200)
    .reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index + 200] ?? 0))), 0);
}

describe('createResampler', () => {
  it.each([
    { from: 44_100, to: 16_000, tones: [100, 3000, 6000] },
    { from: 48_000, to: 16_000, tones: [1000, 6500] },
    { from: 16_000, to: 8000, tones: [300, 3200] },
    { from: 8000, to: 16_000, tones: [300, 3200] },
    { from: 22_050, to: 16_000, tones: [440, 6500] },
    { from: 16_000, to: 44_100, tones: [1234, 6500] },
  ])('turns tones of $from Hz into the same tones at $to Hz, within one step', ({ from, to, tones }) => {
    for (const frequencyHz of tones) {
      const made = createResampler(from, to)(tone(frequencyHz, from, from / 10));
      expect(made).toHaveLength(to / 10);
      expect(largestError(made, tone(frequencyHz, to, to / 10))).toBeLessThanOrEqual(1);
    }
  });

  it('lets nothing through that the lower rate cannot hold', () => {
    const made = createResampler(16_000, 8000)(tone(5000, 16_000, 4000));
    expect(largestError(made, new Int16Array(2000))).toBeLessThanOrEqual(1);
  });

  it('cuts what becomes too loud', () => {
    const square = Int16Array.from({ length: 800 }, (_, index) => (index % 40 < 20 ? 32_767 : -32_768));
    const made = createResampler(8000, 16_000)(square);
    expect(Math.max(...made)).toBe(32_767);
    expect(Math.min(...made)).toBe(-32_768);
  });

  it('of equal rates leaves the sound as it is', () => {
    const pcm = tone(440, 8000, 100);
    expect(createResampler(8000, 8000)(pcm)).toBe(pcm);
  });

  it.each([0, 1, 2])('takes %i samples', (samples) => {
    expect(createResampler(16_000, 8000)(new Int16Array(samples))).toHaveLength(Math.floor(samples / 2));
  });

  it('gives the bytes that it always gave', () => {
    const made = createResampler(44_100, 16_000)(tone(777, 44_100, 4410));
    const bytes = Buffer.alloc(made.length * 2);
    for (const [index, value] of made.entries()) {
      bytes.writeInt16LE(value, index * 2);
    }
    expect(sha256Hex(bytes)).toBe('f1592827f66b827b3eec3d0ea8d8e0e49490cb19cd8bf1b2083c6f2a8d633ac9');
  });
});
