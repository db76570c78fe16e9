import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import { clipSamples } from './lengths.ts';
import { parseSpeechParams } from './params.ts';

const place = 'corpora/x.yaml:6:1 params';

function lengths(params: unknown, count = 8, seed = 'test'): number[] {
  return clipSamples(parseSpeechParams(params, place), { count, random: createRandom(seed), place });
}

function sizes(params: unknown, count = 8, seed = 'test'): number[] {
  return lengths(params, count, seed).map((samples) => 44 + 2 * samples);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

const byBytes = { sampleRate: 8000, by: 'bytes', buckets: [{ from: 20_000, to: 60_000, share: 1 }] };
const bySeconds = { sampleRate: 16_000, by: 'seconds', buckets: [{ from: 2, to: 6, share: 1 }] };

describe('lengths by bytes', () => {
  it('are those of whole files, between the ends of their bucket', () => {
    const made = sizes(byBytes, 500);
    expect(Math.min(...made)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...made)).toBeLessThanOrEqual(60_000);
    expect(made.every((bytes) => bytes % 2 === 0)).toBe(true);
    expect(new Set(made).size).toBeGreaterThan(450);
  });

  it('stay between odd ends, at the even sizes within', () => {
    const made = sizes({ ...byBytes, buckets: [{ from: 20_001, to: 20_005, share: 1 }] }, 50);
    expect([...new Set(made)].sort((a, b) => a - b)).toEqual([20_002, 20_004]);
  });

  it('have one size where the bucket has one', () => {
    expect(sizes({ ...byBytes, buckets: [{ from: 250_000, to: 250_000, share: 1 }] }, 3)).toEqual([
      250_000, 250_000, 250_000,
    ]);
  });

  it('reach up to what the 32 bits of a WAV header can say', () => {
    const longest = 4_294_967_302;
    expect(sizes({ ...byBytes, buckets: [{ from: longest, to: longest, share: 1 }] }, 1)).toEqual([longest]);
    expect(longest - 8).toBeLessThanOrEqual(0xffff_ffff);
  });

  it('have the mean that is asked for', () => {
    expect(sum(sizes({ ...byBytes, meanBytes: 30_000 }, 400)) / 400).toBeCloseTo(30_000, 0);
  });

  it('are the lengths by seconds of the same seed, at any sample rate, where the buckets mean the same', () => {
    const narrow = lengths({ ...byBytes, buckets: [{ from: 32_044, to: 96_044, share: 1 }] }, 100);
    const wide = lengths(bySeconds, 100);
    for (const [index, samples] of narrow.entries()) {
      expect(Math.abs(samples / 8000 - (wide[index] ?? 0) / 16_000)).toBeLessThanOrEqual(1 / 8000);
    }
  });
});

describe('a total', () => {
  it('in bytes is met to the byte, within the buckets, whatever it is', () => {
    const buckets = [
      { from: 20_000, to: 60_000, count: 30 },
      { from: 60_000, to: 1_000_000, count: 10 },
    ];
    fc.assert(
      fc.property(fc.integer({ min: 600_000, max: 5_900_000 }), fc.string(), (half, seed) => {
        const made = sizes({ ...byBytes, buckets, totalBytes: half * 2 }, 40, seed);
        expect(sum(made)).toBe(half * 2);
        expect(made.filter((bytes) => bytes >= 20_000 && bytes <= 60_000).length).toBeGreaterThanOrEqual(30);
        expect(made.every((bytes) => bytes >= 20_000 && bytes <= 1_000_000)).toBe(true);
      }),
    );
  });

  it.each([
    { why: 'the least', totalBytes: 160_000 },
    { why: 'the most', totalBytes: 480_000 },
    { why: 'two bytes above the least', totalBytes: 160_002 },
  ])('may be $why that the buckets allow', ({ totalBytes }) => {
    expect(sum(sizes({ ...byBytes, totalBytes }))).toBe(totalBytes);
  });

  it('in seconds is met to the sample', () => {
    expect(sum(lengths({ ...bySeconds, totalSeconds: 31.5 }))).toBe(31.5 * 16_000);
  });

  it('bends the clips evenly: the longest stays long', () => {
    const made = sizes({ ...byBytes, totalBytes: 400 * 30_000 }, 400);
    expect(Math.max(...made)).toBeGreaterThan(55_000);
    expect(Math.min(...made)).toBeLessThan(20_500);
  });
});

describe('what cannot be', () => {
  it.each([
    {
      why: 'a total above what the buckets hold',
      params: { ...byBytes, totalBytes: 480_002 },
      says: 'params.totalBytes: these buckets cannot have a total of 480002 bytes.',
      hint: 'Choose a total between 160000 and 480000 bytes, or move the buckets.',
    },
    {
      why: 'a total below what the buckets hold',
      params: { ...bySeconds, totalSeconds: 15 },
      says: 'params.totalSeconds: these buckets cannot have a total of 15 s.',
      hint: 'Choose a total between 16.00 s and 48.00 s, or move the buckets.',
    },
    {
      why: 'an odd total',
      params: { ...byBytes, totalBytes: 300_001 },
      says: 'params.totalBytes: clips cannot have a total of 300001 bytes, since their sizes are even.',
      hint: 'Write 300000 or 300002.',
    },
    {
      why: 'a mean and a total',
      params: { ...byBytes, totalBytes: 300_000, meanBytes: 30_000 },
      says: 'params.totalBytes: `meanBytes` is given too.',
      hint: 'Leave one of the two out.',
    },
    {
      why: 'a mean above what the buckets hold',
      params: { ...byBytes, meanBytes: 60_001 },
      says: 'params.meanBytes: these buckets cannot have a mean of 60001 bytes.',
      hint: 'Choose a mean between 20000 and 60000 bytes',
    },
    {
      why: 'a file too short for a word',
      params: { ...byBytes, buckets: [{ from: 12_842, to: 60_000, share: 1 }] },
      says: 'params.buckets.0.from: 12842 bytes at 8000 Hz are too short for a word.',
      hint: 'Write 12844 or more.',
    },
    {
      why: 'a file of an odd size',
      params: { ...byBytes, buckets: [{ from: 20_001, to: 20_001, share: 1 }] },
      says: 'params.buckets.0: no clip has 20001 bytes, since sizes are even.',
      hint: 'Write 20000 or 20002.',
    },
    {
      why: 'a file beyond 4 GiB',
      params: { ...byBytes, buckets: [{ from: 20_000, to: 4_294_967_304, share: 1 }] },
      says: 'params.buckets.0.to: Too big',
      hint: 'README',
    },
    {
      why: 'half a byte',
      params: { ...byBytes, buckets: [{ from: 20_000.5, to: 60_000, share: 1 }] },
      says: 'params.buckets.0.from: Invalid input: expected int',
      hint: 'README',
    },
    {
      why: 'a mean in the other unit',
      params: { ...byBytes, meanSeconds: 3 },
      says: 'params: there is no parameter "meanSeconds".',
      hint: 'README',
    },
    {
      why: 'another unit',
      params: { ...byBytes, by: 'byte' },
      says: 'params.by: must be "seconds" or "bytes".',
      hint: 'README',
    },
    {
      why: 'no unit',
      params: { sampleRate: 8000, buckets: byBytes.buckets },
      says: 'params.by: must be "seconds" or "bytes".',
      hint: 'README',
    },
  ])('$why is refused, with place and next step', ({ params, says, hint }) => {
    let refusal: unknown = null;
    try {
      lengths(params);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(BenchError);
    expect(String(refusal)).toContain(`corpora/x.yaml:6:1 ${says}`);
    expect((refusal as BenchError).hint).toContain(hint);
  });
});
