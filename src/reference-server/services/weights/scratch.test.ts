import { describe, expect, it } from 'vitest';
import { anonBytesOf } from '../../memory.ts';
import { hasSwap, openScratch } from './scratch.ts';

const leakBytes = 8 * 1024 ** 2;
const swap = hasSwap();
const whyNoSwap = swap ? '' : ' (skipped: this host has no swap)';

describe('memory that a call writes once', () => {
  it.each([
    ['a host without swap', 'MemTotal: 100 kB\nSwapTotal:             0 kB\n', false],
    ['a host with swap', 'SwapTotal:       2097148 kB\n', true],
    ['a host that does not say', null, false],
  ])('can be paged out on %s: %s', (_reason, text, expected) => {
    expect(hasSwap(() => text)).toBe(expected);
  });

  it('is none unless a size is set', async () => {
    expect(await openScratch({ leakBytes: 0, freesAfterUse: false }, true)).toBeNull();
  });

  it('stays resident where there is no swap, and says so', async () => {
    const scratch = await openScratch({ leakBytes, freesAfterUse: false }, false);
    await scratch?.use();
    expect(scratch).toMatchObject({ staysResident: 'this host has no swap' });
    expect(scratch?.keptBytes()).toBe(leakBytes);
  });

  it('is given back with the fix', async () => {
    const scratch = await openScratch({ leakBytes, freesAfterUse: true }, swap);
    const beforeBytes = anonBytesOf('self') ?? 0;
    for (let call = 0; call < 20; call += 1) {
      await scratch?.use();
    }
    await expect.poll(() => (anonBytesOf('self') ?? 0) - beforeBytes).toBeLessThan(5 * leakBytes);
    expect(scratch?.keptBytes()).toBe(0);
  });

  it.skipIf(!swap)(`leaves RSS once it is written${whyNoSwap}`, async () => {
    const scratch = await openScratch({ leakBytes, freesAfterUse: false }, true);
    const beforeBytes = anonBytesOf('self') ?? 0;
    for (let call = 0; call < 20; call += 1) {
      await scratch?.use();
    }
    expect(scratch).toMatchObject({ staysResident: null });
    expect(scratch?.keptBytes()).toBe(20 * leakBytes);
    await expect.poll(() => (anonBytesOf('self') ?? 0) - beforeBytes).toBeLessThan(5 * leakBytes);
  });
});
