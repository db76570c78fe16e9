import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceContext, PinnedBlock } from '../../device/device.ts';
import { HeldBatches } from './held-batches.ts';
import { emptyState } from './ingest-state.ts';
import type { Batch, IngestState } from './workers/messages.ts';

let folder = '';
let state: IngestState;
const pinned = new Map<number, number>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'held-'));
  state = emptyState({ loaders: 1, batch: 1, prefetch: 1 });
  pinned.clear();
});
afterEach(() => rmSync(folder, { recursive: true }));

function contextOf(isLocked: boolean): DeviceContext {
  return {
    async pin(bytes: number): Promise<PinnedBlock> {
      pinned.set(pinned.size + 1, bytes);
      return { id: pinned.size, isLocked, why: isLocked ? null : 'no koffi' };
    },
    unpin: async (id: number) => {
      pinned.delete(id);
    },
  } as Partial<DeviceContext> as DeviceContext;
}

function batchOf(names: readonly string[]): Batch {
  const images = names.map((name) => {
    const path = join(folder, name);
    writeFileSync(path, 'x'.repeat(100));
    const task = { id: name, image_id: name, image_url: '', reply_subject: name };
    return { task, path, sizeBytes: 100, decoded: null };
  });
  return { id: 1, loader: 0, images, failed: [], loadMs: 1 };
}

const neverRefused = (error: unknown): void => {
  throw error;
};

describe('HeldBatches', () => {
  it('counts what waits, and gives all of it back', async () => {
    const batches = new HeldBatches(contextOf(true), state, 'shm');
    const held = await batches.hold(batchOf(['a', 'b']), true, neverRefused);
    expect(state).toMatchObject({ queuedBatches: 1, shmBytes: 200, diskBytes: 0, pinnedBytes: 200, lockedBytes: 200 });
    expect(held.fd).toBeGreaterThan(2);
    await batches.take(held);
    expect(state).toMatchObject({ queuedBatches: 0, shmBytes: 200, pinnedBytes: 0, lockedBytes: 0 });
    await batches.drop(held);
    expect([state.shmBytes, readdirSync(folder), pinned.size]).toEqual([0, [], 0]);
  });

  it.each([
    ['on disk', 'disk', false, { shmBytes: 0, diskBytes: 100, pinnedBytes: 0 }],
    ['without a locked copy', 'shm', false, { shmBytes: 100, diskBytes: 0, pinnedBytes: 0 }],
  ] as const)('counts batches %s', async (_why, stage, pins, counts) => {
    await new HeldBatches(contextOf(true), state, stage).hold(batchOf(['a']), pins, neverRefused);
    expect(state).toMatchObject(counts);
  });

  it('does not call a copy locked that the system did not lock', async () => {
    await new HeldBatches(contextOf(false), state, 'shm').hold(batchOf(['a']), true, neverRefused);
    expect(state).toMatchObject({ pinnedBytes: 100, lockedBytes: 0 });
  });

  it('holds a batch of failures alone: no file, no descriptor, no copy', async () => {
    const held = await new HeldBatches(contextOf(true), state, 'shm').hold(batchOf([]), true, neverRefused);
    expect([held.fd, held.pinned, state.queuedBatches]).toEqual([null, null, 1]);
  });

  it('keeps a batch for which no descriptor can be had, and tells why', async () => {
    const batch = batchOf(['a']);
    rmSync(join(folder, 'a'));
    const refusals: unknown[] = [];
    const batches = new HeldBatches(contextOf(true), state, 'shm');
    const held = await batches.hold(batch, false, (error) => refusals.push(error));
    expect([held.fd, refusals.length, state.queuedBatches]).toEqual([null, 1, 1]);
    await expect(batches.drop(held)).resolves.toBeUndefined();
  });
});
