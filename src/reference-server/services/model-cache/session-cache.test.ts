import { describe, expect, it } from 'vitest';
import type { WantedModel } from './entries.ts';
import type { Session } from './session.ts';
import { createSessionCache, type SessionCache } from './session-cache.ts';

const detection: WantedModel = { task: 'ocr', type: 'detection', modelName: 'a' };
const recognition: WantedModel = { task: 'ocr', type: 'recognition', modelName: 'a' };

function cacheWith(ttlMs: number): { cache: SessionCache; loaded: string[]; closed: string[] } {
  const loaded: string[] = [];
  const closed: string[] = [];
  const cache = createSessionCache(ttlMs, async ({ type }): Promise<Session> => {
    loaded.push(type);
    return {
      stats: () => ({ reservedBytes: 7, inUseBytes: 0 }),
      run: async () => undefined,
      close: async () => {
        closed.push(type);
      },
    };
  });
  return { cache, loaded, closed };
}

describe('a cache of models', () => {
  it('loads a model once, and tells what it holds', async () => {
    const { cache, loaded } = cacheWith(0);
    await cache.open(detection, 0);
    await cache.open(detection, 5);
    await cache.open({ ...detection, modelName: 'b' }, 5);
    expect(loaded).toEqual(['detection', 'detection']);
    expect(cache.models()).toEqual([
      { name: 'ocr/detection/a', reservedBytes: 7, inUseBytes: 0 },
      { name: 'ocr/detection/b', reservedBytes: 7, inUseBytes: 0 },
    ]);
  });

  const rows: readonly [why: string, ttlMs: number, nowMs: number, closed: string[]][] = [
    ['within its time a model stays', 600, 600, []],
    ['past its time it goes, and one used since stays', 600, 650, ['detection']],
    ['past the time of both, both go', 600, 800, ['detection', 'recognition']],
    ['without a time to live, none ever goes', 0, 1e12, []],
  ];
  it.each(rows)('%s', async (_why, ttlMs, nowMs, expected) => {
    const { cache, closed } = cacheWith(ttlMs);
    await cache.open(detection, 0);
    await cache.open(recognition, 100);
    await cache.expire(nowMs);
    expect(closed).toEqual(expected);
    expect(cache.models()).toHaveLength(2 - expected.length);
  });

  it('a preloaded model stays, and is used like any other', async () => {
    const { cache, loaded, closed } = cacheWith(600);
    await cache.open(detection, 0, 'stays');
    await cache.open(detection, 1);
    await cache.expire(1e9);
    expect({ loaded, closed }).toEqual({ loaded: ['detection'], closed: [] });
  });

  it('a model that cannot be loaded is not there afterwards', async () => {
    const cache = createSessionCache(0, () => Promise.reject(new Error('no room')));
    await expect(cache.open(detection, 0)).rejects.toThrow('no room');
    expect(cache.models()).toEqual([]);
  });
});
