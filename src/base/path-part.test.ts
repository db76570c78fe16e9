import { describe, expect, it } from 'vitest';
import { isPathPart } from './path-part.ts';

describe('isPathPart', () => {
  it.each(['20260102T030405Z_smoke_abc1234_0f0f', 'a', '..a', 'night 3', 'ä.json', 'x'.repeat(255)])(
    'takes %j, which stays in its folder',
    (text) => {
      expect(isPathPart(text)).toBe(true);
    },
  );

  it.each(['', '.', '..', '../up', 'a/b', '/etc', 'a\\b', 'a\0', 'a\nb', 'x'.repeat(256), 7, null, undefined])(
    'refuses %j',
    (text) => {
      expect(isPathPart(text)).toBe(false);
    },
  );
});
