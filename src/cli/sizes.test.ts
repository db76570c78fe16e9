import { describe, expect, it } from 'vitest';
import { formatSize, formatSpeed } from './sizes.ts';

describe('a size', () => {
  it.each([
    { bytes: 0, text: '0 B' },
    { bytes: 999, text: '999 B' },
    { bytes: 1000, text: '1.00 kB' },
    { bytes: 9_441_252, text: '9.44 MB' },
    { bytes: 24_000_000, text: '24.0 MB' },
    { bytes: 999_499, text: '999 kB' },
    { bytes: 999_500, text: '1.00 MB' },
    { bytes: 9_999_999, text: '10.0 MB' },
    { bytes: 99_990_000, text: '100 MB' },
    { bytes: 21_936_000_000, text: '21.9 GB' },
    { bytes: 5e15, text: '5000 TB' },
  ])('of $bytes bytes is $text', ({ bytes, text }) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('in a time is a speed, and in no time is none', () => {
    expect(formatSpeed(10_000_000, 50)).toBe('200 MB/s');
    expect(formatSpeed(10_000_000, 0)).toBe('n/a');
  });
});
