import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadKoffi } from '../../../base/koffi.ts';
import { createPinnedMemory } from './pinned.ts';

const mebibyte = 1024 ** 2;
const hasKoffi = typeof (await loadKoffi()) !== 'string' && existsSync('/proc/self/status');
const reason = hasKoffi ? '' : ' (skipped: no koffi, or not Linux)';

function statusBytes(field: string): number {
  const text = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;
}

describe.skipIf(!hasKoffi)(`pinned memory without a driver${reason}`, () => {
  it('shows as shared memory of the process and goes back whole', async () => {
    const pinned = createPinnedMemory();
    const beforeBytes = statusBytes('RssShmem');
    const block = await pinned.pin(32 * mebibyte);
    expect(statusBytes('RssShmem') - beforeBytes).toBeGreaterThan(31 * mebibyte);
    pinned.unpin(block.id);
    expect(statusBytes('RssShmem') - beforeBytes).toBeLessThan(mebibyte);
  });

  it('is locked where the limit allows, and else says why', async () => {
    const pinned = createPinnedMemory();
    const beforeBytes = statusBytes('VmLck');
    const block = await pinned.pin(16 * mebibyte);
    const lockedBytes = statusBytes('VmLck') - beforeBytes;
    expect([block.isLocked, block.why]).toEqual(
      lockedBytes >= 16 * mebibyte ? [true, null] : [false, expect.stringContaining('RLIMIT_MEMLOCK')],
    );
    pinned.close();
    expect(statusBytes('VmLck')).toBe(beforeBytes);
  });

  it('cannot be larger than the address space', async () => {
    await expect(createPinnedMemory().pin(2 ** 50)).rejects.toMatchObject({ deviceCode: 2 });
  });
});

describe('createPinnedMemory', () => {
  it.each([0, -1, 1.5, Number.NaN])('refuses %d bytes', async (bytes) => {
    await expect(createPinnedMemory().pin(bytes)).rejects.toMatchObject({ deviceCode: 1 });
  });

  it('says why a block is not locked, and gives each back once', async () => {
    const given: string[] = [];
    const pinned = createPinnedMemory(async () => async (bytes) => ({
      why: 'koffi is not installed',
      giveBack: () => given.push(`${bytes}`),
    }));
    const first = await pinned.pin(1);
    const second = await pinned.pin(2);
    expect(first).toEqual({ id: 1, isLocked: false, why: 'koffi is not installed' });
    pinned.unpin(first.id);
    expect(() => pinned.unpin(first.id)).toThrow('nothing is pinned as 1');
    pinned.close();
    expect([second.id, ...given]).toEqual([2, '1', '2']);
  });
});
