import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKernelQueue, type KernelEnd } from './kernel-queue.ts';

interface Ended {
  name: string;
  how: KernelEnd;
  atMs: number;
}

describe('createKernelQueue', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function queueOf(kernels: readonly [name: string, ms: number][]): { ended: Ended[]; cancels: (() => void)[] } {
    const queue = createKernelQueue();
    const startMs = performance.now();
    const ended: Ended[] = [];
    const cancels = kernels.map(([name, ms]) =>
      queue.launch(ms, (how) => ended.push({ name, how, atMs: performance.now() - startMs })),
    );
    return { ended, cancels };
  }

  it('takes two kernels of 50 ms one after the other', () => {
    const { ended } = queueOf([
      ['a', 50],
      ['b', 50],
    ]);
    vi.advanceTimersByTime(50);
    expect(ended.map(({ name }) => name)).toEqual(['a']);
    vi.advanceTimersByTime(50);
    expect(ended).toEqual([
      { name: 'a', how: 'done', atMs: 50 },
      { name: 'b', how: 'done', atMs: 100 },
    ]);
  });

  it('starts the next at once when the running kernel is cancelled', () => {
    const { ended, cancels } = queueOf([
      ['a', 1000],
      ['b', 50],
    ]);
    vi.advanceTimersByTime(10);
    cancels[0]?.();
    vi.advanceTimersByTime(50);
    expect(ended).toEqual([
      { name: 'a', how: 'cancelled', atMs: 10 },
      { name: 'b', how: 'done', atMs: 60 },
    ]);
  });

  it('passes over a kernel that was cancelled while it waited', () => {
    const { ended, cancels } = queueOf([
      ['a', 20],
      ['b', 50],
      ['c', 20],
    ]);
    cancels[1]?.();
    vi.advanceTimersByTime(40);
    expect(ended.map(({ name, how }) => [name, how])).toEqual([
      ['b', 'cancelled'],
      ['a', 'done'],
      ['c', 'done'],
    ]);
  });

  it('ends each kernel once, however often it is cancelled', () => {
    const { ended, cancels } = queueOf([['a', 20]]);
    vi.advanceTimersByTime(20);
    cancels[0]?.();
    cancels[0]?.();
    expect(ended).toHaveLength(1);
  });
});
