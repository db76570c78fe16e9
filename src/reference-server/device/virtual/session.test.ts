import { describe, expect, it } from 'vitest';
import { createLedger } from './accounts.ts';
import { createKernelQueue } from './kernel-queue.ts';
import { createSession, type Session } from './session.ts';

const mebibyte = 1024 ** 2;

function session(): Session {
  return createSession(createLedger(1024 * mebibyte), createKernelQueue());
}

describe('createSession', () => {
  it.each([
    ['an allocation without a context', { op: 'alloc', bytes: 1 }, 1],
    ['a kernel without a context', { op: 'launch', ms: 1 }, 1],
    ['totals without a context, as a driver would', { op: 'meminfo' }, 1],
    ['a negative size', { op: 'ctx', bytes: -1 }, 1],
    ['no size', { op: 'ctx' }, 1],
    ['an unknown call', { op: 'reset' }, 1],
    ['a call without a name', {}, 1],
    ['a context that is larger than the card', { op: 'ctx', pid: 1, label: 'x', bytes: 1e12 }, 2],
  ])('answers %s with its code', (_why, call, error) => {
    expect(session().answer(call)).toEqual({ error });
  });

  it('opens one context only', () => {
    const one = session();
    expect(one.answer({ op: 'ctx', pid: 1, label: 'x', bytes: 0 })).toEqual({ id: 1 });
    expect(one.answer({ op: 'ctx', pid: 1, label: 'x', bytes: 0 })).toEqual({ error: 1 });
  });

  it('watches without a context', () => {
    expect(session().answer({ op: 'nvml' })).toMatchObject({ totalBytes: 1024 * mebibyte, processes: [] });
  });

  it('answers a launch when its kernel is over, and a cancelled one at once', async () => {
    const one = session();
    void one.answer({ op: 'ctx', pid: 1, label: 'x', bytes: 0 });
    const long = one.answer({ seq: 5, op: 'launch', ms: 60_000 });
    const short = one.answer({ seq: 6, op: 'launch', ms: 0 });
    void one.answer({ op: 'cancel', id: 5 });
    await expect(long).resolves.toEqual({ end: 'cancelled' });
    await expect(short).resolves.toEqual({ end: 'done' });
  });
});
