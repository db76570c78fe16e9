import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureSamples } from './flac.fixture.ts';
import { readFlacPcm } from './flac.ts';

const mono = readFileSync(new URL('mono-16.flac', import.meta.url));
const stereo = readFileSync(new URL('stereo-24.flac', import.meta.url));

function patched(edit: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(mono);
  edit(bytes);
  return bytes;
}

/** Where the frames of the mono file begin, after its header and a block of comments. */
const firstFrame = 86;

describe('readFlacPcm', () => {
  it('gives the samples that were encoded, in every kind of subframe', () => {
    const sound = readFlacPcm(mono);
    expect(sound).toEqual({ sampleRate: 16_000, pcm: Int16Array.from(fixtureSamples(0, 16)) });
  });

  it('gives the mean of two channels of 24 bits, in every kind of stereo', () => {
    const [left, right] = [fixtureSamples(0, 24), fixtureSamples(1, 24)];
    const mean = left.map((value, index) => Math.floor((value + (right[index] ?? 0)) / 512 + 0.5));
    expect(readFlacPcm(stereo)).toEqual({ sampleRate: 16_000, pcm: Int16Array.from(mean) });
  });

  it.each([
    { why: 'a cut end', bytes: mono.subarray(0, 1500), says: 'the FLAC file ends before its last sample.' },
    { why: 'a header alone', bytes: mono.subarray(0, 42), says: 'the FLAC file ends before its first sample.' },
    { why: 'half a header', bytes: mono.subarray(0, 30), says: 'the FLAC file is damaged or does not say how many' },
    { why: 'no FLAC', bytes: Buffer.from('fLaC? no'), says: 'the FLAC file is damaged or does not say how many' },
    {
      why: 'a changed sample',
      bytes: patched((bytes) => bytes.writeUInt8((bytes[400] ?? 0) ^ 1, 400)),
      says: 'the FLAC file is damaged: its samples do not match its checksum.',
    },
    {
      why: 'a frame that does not begin where it must',
      bytes: patched((bytes) => bytes.writeUInt8(0, firstFrame)),
      says: 'the FLAC file is damaged between two frames.',
    },
    {
      why: 'two channels in a file of one',
      bytes: patched((bytes) => bytes.writeUInt8(0x18, firstFrame + 3)),
      says: 'the FLAC file has a frame that does not fit its header.',
    },
    {
      why: 'more samples than any utterance has',
      bytes: patched((bytes) => bytes.writeUInt8(0xf1, 21)),
      says: 'samples; at most 33,554,432 can be read.',
    },
    {
      why: 'samples of 32 bits',
      bytes: patched((bytes) => bytes.writeUInt16BE((bytes.readUInt16BE(20) & 0xfe0f) | (31 << 4), 20)),
      says: 'the FLAC file has samples of 32 bits; at most 24 can be read.',
    },
  ])('says of $why that it cannot be read', ({ bytes, says }) => {
    expect(readFlacPcm(bytes)).toEqual({ unusable: expect.stringContaining(says) as string });
  });

  it('never gives other samples for a file with a flipped bit, and never throws', () => {
    const whole = readFlacPcm(mono);
    const leastDamaged = 42;
    fc.assert(
      fc.property(fc.integer({ min: leastDamaged * 8, max: mono.length * 8 - 1 }), (bit) => {
        const damaged = patched((bytes) => bytes.writeUInt8((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3));
        const sound = readFlacPcm(damaged);
        expect('unusable' in sound ? whole : sound).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});
