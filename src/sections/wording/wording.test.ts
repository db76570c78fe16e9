import { describe, expect, it } from 'vitest';
import { noBreak } from './no-break.ts';
import { shortHashes } from './short-hashes.ts';

describe('a headline', () => {
  it.each([
    { text: 'at 1.80 GiB (90 %), usable', kept: 'at 1.80_GiB (90_%), usable' },
    { text: 'after 1 min 30 s instead of 41.8 s', kept: 'after 1_min_30_s instead of 41.8_s' },
    { text: 'of 59 requests', kept: 'of 59 requests' },
    { text: '2 servers, 3 hosts, 4 Betas', kept: '2 servers, 3 hosts, 4 Betas' },
    { text: '512 B', kept: '512_B' },
  ])('keeps numbers and units on one line: $text', ({ text, kept }) => {
    expect(noBreak(text)).toBe(kept.replaceAll('_', '\u00a0'));
  });
});

describe('a hash', () => {
  it('is cut to its first twelve digits, and a commit or a count is not', () => {
    expect(shortHashes(`was ${'ab'.repeat(32)}, f3eb821 of 1234567890123456`)).toBe(
      'was abababababab…, f3eb821 of 1234567890123456',
    );
  });
});
