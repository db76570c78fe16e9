import { describe, expect, it } from 'vitest';
import { WeightStore } from './weight-store.ts';

const mib = 1024 ** 2;
const callers = 8;

function storeWith(isSingleFlight: boolean, allocate = (bytes: number): Uint8Array => Buffer.allocUnsafeSlow(bytes)) {
  return new WeightStore({ weightsBytes: 4 * mib, loadBytesPerMs: mib, isSingleFlight }, allocate);
}

describe('weights that are loaded lazily', () => {
  it.each([
    ['each caller in the window loads a copy of its own', false, callers],
    ['with single flight, all wait for one load', true, 1],
  ])('%s', async (_reason, isSingleFlight, loads) => {
    let allocatedBytes = 0;
    const store = storeWith(isSingleFlight, (bytes) => {
      allocatedBytes += bytes;
      return Buffer.allocUnsafeSlow(bytes);
    });
    const calls = Array.from({ length: callers }, () => store.ensure());
    await expect.poll(() => store.loading, { interval: 1 }).toBe(loads);
    expect(store.isLoaded).toBe(false);
    await Promise.all(calls);
    expect({ loads: store.loads, allocatedBytes }).toEqual({ loads, allocatedBytes: loads * 4 * mib });
    await store.ensure();
    expect(store.loads).toBe(loads);
  });

  it('are tried again by the next caller after a failed load', async () => {
    let attempts = 0;
    const store = storeWith(true, (bytes) => {
      attempts += 1;
      if (attempts === 1) {
        throw new RangeError('Array buffer allocation failed');
      }
      return Buffer.allocUnsafeSlow(bytes);
    });
    await expect(store.ensure()).rejects.toMatchObject({ status: 503, code: 'weights_missing' });
    await store.ensure();
    expect(store).toMatchObject({ isLoaded: true, loading: 0, loads: 1 });
  });

  it('are written in every page', async () => {
    const store = storeWith(true, (bytes) => new Uint8Array(bytes));
    await store.ensure();
    const shard = store.firstShard ?? new Uint8Array();
    const pages = Array.from({ length: shard.length / 4096 }, (_, page) => shard[page * 4096]);
    expect(pages.filter((byte) => byte === 0)).toHaveLength(0);
  });
});
