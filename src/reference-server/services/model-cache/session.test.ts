import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../../model/fault.ts';
import { DeviceError, type DeviceMemory, outOfMemoryCode } from '../../device/device.ts';
import { createLedger } from '../../device/virtual/accounts.ts';
import { arenaRetain } from '../../faults/arena-retain.ts';
import { knobValues } from '../../knobs.ts';
import { textDetectionInput } from './models.ts';
import { openSession, type Session } from './session.ts';
import { modelCacheKnobs, modelCacheSettings } from './settings.ts';

const gibibyte = 1024 ** 3;
const mebibyte = 1024 ** 2;

/** A card of 16 GiB with one context, and what is used on it. */
function card(): { memory: DeviceMemory; usedBytes(): number; peakBytes(): number } {
  const ledger = createLedger(16 * gibibyte);
  const context = ledger.openContext(1, 'cache', 0) ?? 0;
  let peakBytes = 0;
  return {
    memory: {
      async alloc(bytes) {
        const id = ledger.alloc(context, bytes);
        peakBytes = Math.max(peakBytes, ledger.read().usedBytes);
        if (id === null) {
          throw new DeviceError(outOfMemoryCode, `allocation of ${bytes} bytes`);
        }
        return id;
      },
      async free(id) {
        ledger.free(context, id);
      },
    },
    usedBytes: () => ledger.read().usedBytes,
    peakBytes: () => peakBytes,
  };
}

function settingsWith(layers: readonly Knobs[]): ReturnType<typeof modelCacheSettings>['cache'] {
  return modelCacheSettings(knobValues(modelCacheKnobs, layers, 1)).cache;
}

function variant(fixes: readonly string[]): ReturnType<typeof settingsWith> {
  return settingsWith([arenaRetain.knobs, ...fixes.map((name) => arenaRetain.fixes[name] ?? {})]);
}

async function detect(session: Session, bytesPerPixel: number, width: number, height: number): Promise<void> {
  const input = textDetectionInput({ width, height });
  const pixels = input.width * input.height;
  await session.run(pixels * bytesPerPixel, pixels, async () => undefined);
}

/** Each shape is larger than the last. */
const shapes = [
  [736, 736],
  [736, 1632],
  [736, 3264],
] as const;

describe('the memory of a model after runs of three ever larger shapes', () => {
  const rows: readonly [why: string, fixes: readonly string[], least: number, most: number][] = [
    ['the fault keeps all of it', [], 1, 1],
    ['regions of the exact size are kept as well', ['same-as-requested'], 1, 1],
    ['shrinking leaves the first region and that of the last output', ['shrink'], 0.6, 0.8],
  ];
  it.each(rows)('%s', async (_why, fixes, least, most) => {
    const settings = variant(fixes);
    const { memory, usedBytes, peakBytes } = card();
    const session = await openSession(memory, 5 * mebibyte, settings);
    for (const [width, height] of shapes) {
      await detect(session, settings.bytesPerPixel, width, height);
    }
    expect(usedBytes() / peakBytes()).toBeGreaterThanOrEqual(least);
    expect(usedBytes() / peakBytes()).toBeLessThanOrEqual(most);
    expect(session.stats().inUseBytes).toBe(0);
    await session.close();
    expect(usedBytes()).toBe(0);
  });

  it('is no larger after the same shapes again', async () => {
    const settings = variant([]);
    const { memory, usedBytes } = card();
    const session = await openSession(memory, 5 * mebibyte, settings);
    const afterRounds: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const [width, height] of shapes) {
        await detect(session, settings.bytesPerPixel, width, height);
      }
      afterRounds.push(usedBytes());
    }
    expect(new Set(afterRounds).size).toBe(1);
  });

  it('is set by the largest shape alone', async () => {
    const settings = variant([]);
    const { memory, usedBytes } = card();
    const session = await openSession(memory, 5 * mebibyte, settings);
    await detect(session, settings.bytesPerPixel, 736, 3264);
    expect(usedBytes()).toBeGreaterThan(6 * gibibyte);
  });
});

describe('a run that finds no room', () => {
  it.each([
    ['on the card', {}, 16 * gibibyte],
    ['under the limit of the arena', { 'pool-mib': 512 }, gibibyte],
  ])('fails %s and holds nothing of it', async (_where, knobs: Knobs, bytes) => {
    const { memory } = card();
    const session = await openSession(memory, mebibyte, settingsWith([arenaRetain.knobs, knobs]));
    await expect(session.run(bytes, 1, async () => undefined)).rejects.toThrow(DeviceError);
    expect(session.stats().inUseBytes).toBe(0);
    await session.run(mebibyte, 1, async () => undefined);
  });

  it('leaves nothing in use when its work fails', async () => {
    const { memory } = card();
    const session = await openSession(memory, mebibyte, variant(['shrink']));
    const broken = session.run(mebibyte, 1, () => Promise.reject(new Error('the image is broken')));
    await expect(broken).rejects.toThrow('the image is broken');
    expect(session.stats().inUseBytes).toBe(0);
  });

  it('is not started where the weights do not fit', async () => {
    const { memory, usedBytes } = card();
    await expect(openSession(memory, 17 * gibibyte, variant([]))).rejects.toThrow(DeviceError);
    expect(usedBytes()).toBe(0);
  });
});
