import { describe, expect, it } from 'vitest';
import { fdLimitOf, highestFds } from './descriptors.ts';

describe('fdLimitOf', () => {
  it.each([
    ['the soft limit', 'Max open files            1024                 524288               files\n', 1024],
    [
      'null without such a line',
      'Max processes             1024                 524288               processes\n',
      null,
    ],
    ['null without a text', null, null],
  ])('is %s', (_why, text, limit) => {
    expect(fdLimitOf(text)).toBe(limit);
  });
});

describe('highestFds', () => {
  it('counts our own descriptors', () => {
    expect(highestFds([process.pid])).toBeGreaterThan(2);
  });

  it('passes over a process that is gone, and is null without any', () => {
    expect(highestFds([4_194_305, process.pid])).toBeGreaterThan(2);
    expect(highestFds([4_194_305])).toBeNull();
    expect(highestFds([])).toBeNull();
  });
});
