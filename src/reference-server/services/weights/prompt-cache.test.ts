import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPromptCache } from './prompt-cache.ts';

const entryBytes = 4096;

describe('the cache of a replica', () => {
  it('without a limit keeps an entry of every distinct prompt, and finds it again', () => {
    const cache = createPromptCache(entryBytes, null);
    for (let round = 0; round < 2; round += 1) {
      const hits = Array.from({ length: 50 }, (_, index) => cache.look(String(index)).hit);
      expect(new Set(hits)).toEqual(new Set([round === 1]));
    }
    expect(cache.size()).toEqual({ entries: 50, bytes: 50 * entryBytes });
  });

  it('drops the one that was unused for longest', () => {
    const cache = createPromptCache(entryBytes, 2 * entryBytes);
    cache.look('a');
    cache.look('b');
    cache.look('a');
    expect(cache.look('c')).toEqual({ hit: false, droppedBytes: entryBytes });
    expect([cache.look('a').hit, cache.look('c').hit, cache.look('b').hit]).toEqual([true, true, false]);
  });

  it('keeps nothing where not one entry fits', () => {
    const cache = createPromptCache(entryBytes, entryBytes - 1);
    expect([cache.look('a').hit, cache.look('a').hit]).toEqual([false, false]);
    expect(cache.size().bytes).toBe(0);
  });

  it('never holds more than its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 0, max: 10 }), (keys, most) => {
        const cache = createPromptCache(entryBytes, most * entryBytes);
        for (const key of keys) {
          cache.look(String(key));
        }
        expect(cache.size().bytes).toBe(Math.min(most, new Set(keys).size) * entryBytes);
      }),
    );
  });
});
