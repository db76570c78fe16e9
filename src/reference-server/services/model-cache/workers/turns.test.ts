import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.ts';

describe('turns', () => {
  it('start an action when the one before it is over, also after one that failed', async () => {
    const turns = createTurns();
    const seen: string[] = [];
    const failing = turns.take(async () => {
      seen.push('first starts');
      await Promise.resolve();
      seen.push('first fails');
      throw new Error('first');
    });
    const next = turns.take(async () => {
      seen.push('second starts');
      return 2;
    });
    expect(turns.waiting()).toBe(2);
    await expect(failing).rejects.toThrow('first');
    expect(await next).toBe(2);
    expect(seen).toEqual(['first starts', 'first fails', 'second starts']);
    expect(turns.waiting()).toBe(0);
  });
});
