import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { line, mib, series } from '../testing/build.ts';
import { growth, timeToLimit, whyNoTrend, windowBefore } from './growth.ts';

describe('whyNoTrend', () => {
  it.each([
    { why: 'a leak', of: line(60, (second) => (200 + 5 * second) * mib), says: null },
    { why: 'a leak under noise', of: line(60, (second) => (200 + 5 * second + 20 * (second % 3)) * mib), says: null },
    {
      why: 'a leak with gaps',
      of: line(60, (second) => (second % 4 === 0 ? null : (200 + 5 * second) * mib)),
      says: null,
    },
    { why: 'a plateau with noise', of: line(60, (second) => (600 + 30 * (second % 5)) * mib), says: 'its own noise' },
    { why: 'a rise of 10 MiB', of: line(60, (second) => (600 + second / 6) * mib), says: 'its own noise' },
    { why: 'a fall', of: line(60, (second) => (600 - 5 * second) * mib), says: 'its own noise' },
    {
      why: 'a collector that wins back what it took',
      of: line(60, (second) => (200 + 20 * (second % 15)) * mib),
      says: 'its own noise',
    },
    {
      why: 'one large step on a small slope',
      of: line(60, (second) => (200 + second + (second < 30 ? 0 : 300)) * mib),
      says: 'in a single step',
    },
    {
      why: 'a warm-up that flattens',
      of: line(60, (second) => (200 + 400 * (1 - Math.exp(-second / 20))) * mib),
      says: 'levelling off',
    },
    { why: 'eleven samples', of: line(11, (second) => (200 + 50 * second) * mib), says: 'fewer than 12' },
    {
      why: 'gaps but for three',
      of: line(60, (second) => (second % 20 === 0 ? second * mib : null)),
      says: 'fewer than 12',
    },
    { why: 'nothing', of: series([]), says: 'fewer than 12' },
  ])('is $says: $why', ({ of, says }) => {
    expect(whyNoTrend(of)).toEqual(says === null ? null : expect.stringContaining(says));
  });

  it('sees no more trend in a rise that is shifted up, and none in one that is turned round', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 0, max: 1000 }), (each, base) => {
        const rise = line(40, (second) => (base + each * second) * mib);
        // 2 % of the level: a rise is small beside a large process.
        const isSmall = each * 39 <= Math.max(16, 0.02 * (base + 19.5 * each));
        expect(whyNoTrend(rise) === null).toBe(!isSmall);
        expect(whyNoTrend({ ...rise, values: rise.values.toReversed() })).not.toBeNull();
      }),
      { numRuns: 60 },
    );
  });
});

describe('time to the limit', () => {
  it('lies between the times of the steepest and the flattest line', () => {
    const rise = line(60, (second) => (200 + 5 * second + 12 * Math.sin(second)) * mib);
    const fit = growth(rise)?.fit;
    const time = fit === undefined ? null : timeToLimit(fit, 1000 * mib);
    expect(time?.lowerMs).toBeLessThan(101_000);
    expect(time?.etaMs).toBeCloseTo(101_000, -4);
    expect(time?.upperMs).toBeGreaterThan(time?.etaMs ?? Number.POSITIVE_INFINITY);
  });

  it('has no end where the line may as well fall', () => {
    const fit = growth(line(30, (second) => (200 + 30 * (second % 3)) * mib))?.fit;
    expect(fit === undefined ? null : timeToLimit(fit, 1000 * mib).upperMs).toBeNull();
  });
});

describe('windowBefore', () => {
  const steady = line(200, () => mib);

  it.each([
    { why: 'the last minute', endMs: 150_000, notBeforeMs: 0, scale: 1, firstMs: 90_000, samples: 61 },
    { why: 'a shortened profile', endMs: 150_000, notBeforeMs: 0, scale: 0.5, firstMs: 120_000, samples: 31 },
    { why: 'not into another load', endMs: 150_000, notBeforeMs: 130_000, scale: 1, firstMs: 130_000, samples: 21 },
    { why: 'but 12 samples at least', endMs: 150_000, notBeforeMs: 148_000, scale: 1, firstMs: 139_000, samples: 12 },
  ])('takes $why', ({ endMs, notBeforeMs, scale, firstMs, samples }) => {
    const window = windowBefore(steady, endMs, notBeforeMs, scale);
    expect([window?.tMs[0], window?.tMs.length]).toEqual([firstMs, samples]);
  });

  it('is null with fewer than 12 samples', () => {
    expect(
      windowBefore(
        line(11, () => mib),
        60_000,
        0,
        1,
      ),
    ).toBeNull();
  });
});
