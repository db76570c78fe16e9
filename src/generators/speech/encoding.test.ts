import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { wordsInClip } from '../../base/audio-code.ts';
import { type ClipShape, clipBytes, clipChunks, clipTranscript } from './clip.ts';
import { muLawByte, wavHeader } from './encoding.ts';
import { muLawSample } from './g711.fixture.ts';

const shape: ClipShape = { encoding: 'mulaw', sampleRate: 8000, samples: 80_000, id: 77, wordKey: 1, soundKey: 2 };

function bytesOf(clip: ClipShape, range?: { start: number; end: number }): Buffer {
  return Buffer.concat(Array.from(clipChunks(clip, range), (chunk) => Buffer.from(chunk)));
}

describe('muLawByte', () => {
  it.each([
    { why: 'silence', sample: 0, byte: 0xff },
    { why: 'the loudest', sample: 32_767, byte: 0x80 },
    { why: 'the loudest below zero', sample: -32_768, byte: 0x00 },
    { why: 'the last of the first segment', sample: 31 * 4 - 1, byte: 0xf0 },
    { why: 'the first of the second segment', sample: 31 * 4, byte: 0xef },
    { why: 'the first of the last segment', sample: 4063 * 4, byte: 0x8f },
    { why: 'the same below zero', sample: -4063 * 4, byte: 0x0f },
  ])('has the decision values of G.711, table 2a: $why', ({ sample, byte }) => {
    expect(muLawByte(sample)).toBe(byte);
  });

  it('is off by at most half a step of its segment, for every sample', () => {
    let worst = 0;
    for (let sample = -32_635; sample <= 32_635; sample += 1) {
      const code = ~muLawByte(sample) & 255;
      worst = Math.max(worst, Math.abs(muLawSample(code) - sample) / (4 << ((code >> 4) & 7)));
    }
    expect(worst).toBe(1);
  });
});

describe('a mu-law clip', () => {
  it('has a header with its format, its size field and its number of samples', () => {
    const header = Buffer.from(wavHeader('mulaw', 8000, 80_000));
    expect(header.length).toBe(58);
    expect(header.readUInt32LE(4)).toBe(50 + 80_000);
    expect([header.readUInt32LE(16), header.readUInt16LE(20), header.readUInt16LE(22)]).toEqual([18, 7, 1]);
    expect([header.readUInt32LE(24), header.readUInt32LE(28)]).toEqual([8000, 8000]);
    expect([header.readUInt16LE(32), header.readUInt16LE(34), header.readUInt16LE(36)]).toEqual([1, 8, 0]);
    expect(header.toString('latin1', 38, 42)).toBe('fact');
    expect([header.readUInt32LE(42), header.readUInt32LE(46)]).toEqual([4, 80_000]);
    expect(header.toString('latin1', 50, 54)).toBe('data');
    expect(header.readUInt32LE(54)).toBe(80_000);
  });

  it('is the linear clip, sample for sample, in half the bytes', () => {
    const linear: ClipShape = { ...shape, encoding: 'pcm16' };
    const pcm = bytesOf(linear).subarray(44);
    const coded = bytesOf(shape).subarray(58);
    expect(coded.length).toBe(pcm.length / 2);
    expect(clipBytes(shape)).toBe(58 + 80_000);
    const expected = Uint8Array.from(coded, (_, index) => muLawByte(pcm.readInt16LE(index * 2)));
    expect(coded.equals(expected)).toBe(true);
    expect(clipTranscript(shape).split(' ')).toHaveLength(wordsInClip(80_000, 8000));
    expect(clipTranscript(shape)).toBe(clipTranscript(linear));
  });

  it('gives in any range the bytes of the whole, across its header too', () => {
    const whole = bytesOf(shape);
    for (const [start, end] of [
      [0, 10],
      [40, 70],
      [57, 58],
      [58, 59],
      [65_530, 65_600],
      [80_000, 90_000],
    ] as const) {
      expect(bytesOf(shape, { start, end }).equals(whole.subarray(start, end))).toBe(true);
    }
  });

  it('is the same on every runtime', () => {
    const sha256 = createHash('sha256').update(bytesOf(shape)).digest('hex');
    expect(sha256).toBe('c761fc57e5eb4f8097b4cb0432047f88d5a685eef00359463c8261e0e4c55415');
  });
});
