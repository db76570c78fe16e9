import { describe, expect, it } from 'vitest';
import { lockLimitOf, whyNotLockable } from './pinning.ts';

const mebibyte = 1024 ** 2;
const limits = (value: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax locked memory         ${value}              8388608              bytes\n`;
const without = 'Name:\tnode\nCapEff:\t0000000000000000\n';
const allButLocking = 'CapEff:\t000001ffffffbfff\n';
const root = 'CapEff:\t000001ffffffffff\n';

describe('lockLimitOf', () => {
  it.each([
    ['the soft limit of a plain user', limits('8388608'), without, 8_388_608],
    ['no limit where none is set', limits('unlimited'), without, null],
    ['no limit for whoever may lock', limits('8388608'), root, null],
    ['the limit for whoever may do all but lock', limits('65536'), allButLocking, 65_536],
    ['nothing where /proc cannot be read', null, null, null],
  ])('is %s', (_why, limitsText, status, bytes) => {
    expect(lockLimitOf(limitsText, status)).toBe(bytes);
  });
});

describe('whyNotLockable', () => {
  it.each([
    ['less than the limit', 8 * mebibyte - 1],
    ['exactly the limit', 8 * mebibyte],
  ])('has no objection to %s', (_why, bytes) => {
    expect(whyNotLockable(bytes, 8 * mebibyte)).toBeNull();
  });

  it('says in one line what is needed, what there is and what to do', () => {
    expect(whyNotLockable(216 * mebibyte, 8 * mebibyte)).toBe(
      'The queue needs 216 MiB of locked memory, and RLIMIT_MEMLOCK allows 8 MiB: raise it with ulimit -l, or take --knob pin=false.',
    );
  });

  it('has no objection where there is no limit', () => {
    expect(whyNotLockable(1e12, null)).toBeNull();
  });
});
