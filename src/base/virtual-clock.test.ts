import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualClock } from './virtual-clock.ts';

describe('virtualClock', () => {
  it('lets eight hours of sleep pass at once', async () => {
    const clock = virtualClock();
    const startedMs = performance.now();
    await clock.sleepUntil(8 * 3_600_000);
    expect(clock.nowMs()).toBe(8 * 3_600_000);
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });

  it('does not move while somebody still has something to do', async () => {
    const clock = virtualClock();
    const woken: string[] = [];
    const sleeps = async (name: string, atMs: readonly number[]): Promise<void> => {
      for (const ms of atMs) {
        await clock.sleepUntil(ms);
        woken.push(`${name}@${clock.nowMs()}`);
      }
    };
    await Promise.all([sleeps('slow', [100]), sleeps('quick', [10, 20, 30])]);
    expect(woken).toEqual(['quick@10', 'quick@20', 'quick@30', 'slow@100']);
  });

  it('wakes a sleeper whose signal is aborted, without time passing', async () => {
    const clock = virtualClock();
    const abort = new AbortController();
    const sleeping = clock.sleepUntil(5000, abort.signal);
    abort.abort();
    await sleeping;
    expect(clock.nowMs()).toBe(0);
    await clock.sleepUntil(7);
    expect(clock.nowMs()).toBe(7);
  });

  it('calls at its time, in turn with who sleeps, and not what was taken back', async () => {
    const clock = virtualClock();
    const heard: string[] = [];
    const hear = (name: string) => (): void => void heard.push(`${name}@${clock.nowMs()}`);
    clock.callAt(20, hear('late'));
    const takeBack = [clock.callAt(10, hear('first')), clock.callAt(10, hear('never')), clock.callAt(10, hear('last'))];
    takeBack[1]?.();
    await clock.sleepUntil(10);
    hear('sleeper')();
    takeBack[0]?.();
    await clock.sleepUntil(30);
    expect(heard).toEqual(['first@10', 'last@10', 'sleeper@10', 'late@20']);
  });

  it('never goes back, and wakes everybody in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { minLength: 1, maxLength: 20 }), async (timesMs) => {
        const clock = virtualClock();
        const woken: number[] = [];
        await Promise.all(
          timesMs.map(async (atMs) => {
            await clock.sleepUntil(atMs);
            woken.push(atMs);
          }),
        );
        expect(woken).toEqual(timesMs.toSorted((a, b) => a - b));
        expect(clock.nowMs()).toBe(Math.max(...timesMs));
      }),
    );
  });
});
