import { describe, expect, it } from 'vitest';
import { createLedger } from './accounts.ts';
import { modelled } from './defaults.ts';

const mebibyte = 1024 ** 2;

describe('createLedger', () => {
  it('charges the context and rounds to 2 MiB', () => {
    const ledger = createLedger(1024 * mebibyte);
    const context = ledger.openContext(7, 'hot', 100 * mebibyte);
    ledger.alloc(context ?? 0, 1);
    expect(ledger.read()).toEqual({
      totalBytes: 1024 * mebibyte,
      reservedBytes: modelled.driverReserveBytes,
      usedBytes: 102 * mebibyte,
      freeBytes: 1024 * mebibyte - modelled.driverReserveBytes - 102 * mebibyte,
      processes: [{ pid: 7, label: 'hot', bytes: 102 * mebibyte }],
    });
  });

  it('never gives more than there is, neither to contexts nor to allocations', () => {
    const ledger = createLedger(256 * mebibyte);
    const context = ledger.openContext(1, 'a', 100 * mebibyte) ?? 0;
    expect(ledger.openContext(2, 'b', 100 * mebibyte)).toBeNull();
    expect(ledger.alloc(context, 92 * mebibyte)).not.toBeNull();
    expect(ledger.alloc(context, 1)).toBeNull();
    expect(ledger.read().freeBytes).toBe(0);
  });

  it('gives back an allocation once, and everything with the context', () => {
    const ledger = createLedger(1024 * mebibyte);
    const context = ledger.openContext(1, 'a', 0) ?? 0;
    const id = ledger.alloc(context, 64 * mebibyte) ?? 0;
    expect(ledger.free(context, id)).toBe(true);
    expect(ledger.free(context, id)).toBe(false);
    ledger.alloc(context, 64 * mebibyte);
    ledger.closeContext(context);
    expect(ledger.read().usedBytes).toBe(0);
  });

  it('lets nobody free what another context holds', () => {
    const ledger = createLedger(1024 * mebibyte);
    const holder = ledger.openContext(1, 'a', 0) ?? 0;
    const other = ledger.openContext(2, 'b', 0) ?? 0;
    const id = ledger.alloc(holder, mebibyte) ?? 0;
    expect(ledger.free(other, id)).toBe(false);
  });
});
