import { describe, expect, it } from 'vitest';
import { Lock, type LockKind } from './lock.ts';

const never = new AbortController().signal;

/** What the lock has granted so far, in the order of the names. */
async function granted(lock: Lock, kinds: readonly LockKind[]): Promise<number[]> {
  const order: number[] = [];
  for (const [index, kind] of kinds.entries()) {
    void lock.acquire(kind, never).then(() => order.push(index));
  }
  await Promise.resolve();
  return order;
}

describe('the lock of the model', () => {
  const rows: readonly [string, LockKind[], number[]][] = [
    ['readers share', ['read', 'read', 'read'], [0, 1, 2]],
    ['a writer is alone', ['write', 'read', 'write'], [0]],
    ['a writer waits for readers, and readers behind it wait too', ['read', 'write', 'read'], [0]],
  ];
  it.each(rows)('%s', async (_reason, kinds, expected) => {
    const lock = new Lock();
    expect(await granted(lock, kinds)).toEqual(expected);
    expect(lock.waiting).toBe(kinds.length - expected.length);
  });

  it('goes to the next in line when it is given back', async () => {
    const lock = new Lock();
    const giveBack = await lock.acquire('write', never);
    const next = lock.acquire('read', never);
    giveBack();
    (await next)();
    expect(await granted(lock, ['write'])).toEqual([0]);
  });

  it('is not waited for by one who left, nor by those behind', async () => {
    const lock = new Lock();
    await lock.acquire('read', never);
    const abort = new AbortController();
    const writer = lock.acquire('write', abort.signal);
    const reader = lock.acquire('read', never);
    abort.abort();
    await expect(writer).rejects.toThrow('aborted');
    (await reader)();
    expect(lock.waiting).toBe(0);
  });

  it('is refused to one whose signal is aborted already', async () => {
    const lock = new Lock();
    await expect(lock.acquire('read', AbortSignal.abort())).rejects.toThrow('aborted');
    expect(await granted(lock, ['write'])).toEqual([0]);
  });
});
