import { describe, expect, it } from 'vitest';
import { formatBytes, formatClock, formatDuration, formatShare, parseBytes, parseDurationMs } from './units.ts';

describe('units', () => {
  it.each([
    ['704MiB', 738_197_504],
    ['704Mi', 738_197_504],
    ['24 MB', 24_000_000],
    ['1.5GiB', 1_610_612_736],
    ['10', null],
    ['-1MiB', null],
    ['1 parsec', null],
    ['5constructor', null],
    [`${'9'.repeat(400)}B`, null],
  ])('reads the size %s as %s bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each([
    ['250ms', 250],
    ['5s', 5000],
    ['1.5m', 90_000],
    ['8h', 28_800_000],
    ['5', null],
    ['five seconds', null],
  ])('reads the duration %s as %s ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each([
    [null, 'n/a'],
    [Number.NaN, 'n/a'],
    [0, '0 B'],
    [-2_097_152, '-2.0 MiB'],
    [943_718_400, '900 MiB'],
    [3_221_225_472, '3.00 GiB'],
  ])('prints %s bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('never prints a missing value as zero', () => {
    expect([formatDuration(null), formatShare(null)]).toEqual(['n/a', 'n/a']);
    expect([formatDuration(312_000), formatClock(75_900), formatShare(0.0312)]).toEqual([
      '5 min 12 s',
      '1:15',
      '3.1 %',
    ]);
  });
});
