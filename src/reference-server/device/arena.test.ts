import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arena, type ArenaGrowth, createArena } from './arena.ts';
import { DeviceError, type DeviceMemory } from './device.ts';

const kibibyte = 1024;
const mebibyte = 1024 ** 2;

/** A device that holds so many bytes and tells what it was asked for. */
function device(capacityBytes = Number.POSITIVE_INFINITY): DeviceMemory & { asked: number[]; held(): number } {
  const held = new Map<number, number>();
  const asked: number[] = [];
  const heldBytes = (): number => [...held.values()].reduce((sum, bytes) => sum + bytes, 0);
  return {
    asked,
    held: heldBytes,
    async alloc(bytes) {
      asked.push(bytes);
      if (heldBytes() + bytes > capacityBytes) {
        throw new DeviceError(2, 'out of device memory');
      }
      held.set(asked.length, bytes);
      return asked.length;
    },
    async free(id) {
      if (!held.delete(id)) {
        throw new DeviceError(1, 'invalid value');
      }
    },
  };
}

function arenaOf(growth: ArenaGrowth, memory = device(), limitBytes: number | null = null): Arena {
  return createArena(memory, { growth, limitBytes });
}

async function allocAll(arena: Arena, sizes: readonly number[]): Promise<number[]> {
  const ids: number[] = [];
  for (const bytes of sizes) {
    ids.push(await arena.alloc(bytes));
  }
  return ids;
}

describe('the growth of an arena', () => {
  const rows: readonly [growth: ArenaGrowth, blocks: number[], regions: number[], why: string][] = [
    ['power-of-two', [1], [mebibyte], 'the first region is 1 MiB'],
    ['power-of-two', [mebibyte, 1], [mebibyte, 2 * mebibyte], 'the next one doubles'],
    ['power-of-two', [5 * mebibyte], [8 * mebibyte], 'it doubles until the block fits'],
    ['power-of-two', [5 * mebibyte, 6 * mebibyte], [8 * mebibyte, 8 * mebibyte], 'a size reached by doubling is used'],
    ['exact', [1], [256], 'sizes are rounded to 256 bytes'],
    ['exact', [257, 5 * mebibyte], [512, 5 * mebibyte], 'each region is as large as its block'],
  ];
  it.each(rows)('%s, for blocks of %j bytes, takes regions of %j (%s)', async (growth, blocks, regions) => {
    const memory = device();
    await allocAll(arenaOf(growth, memory), blocks);
    expect(memory.asked).toEqual(regions);
  });

  it('asks a refusing device for a tenth less each time', async () => {
    const memory = device(900 * kibibyte);
    const arena = arenaOf('power-of-two', memory);
    await arena.alloc(600 * kibibyte);
    const tenthLess = (bytes: number): number => Math.ceil(Math.floor(bytes * 0.9) / 256) * 256;
    expect(memory.asked).toEqual([mebibyte, tenthLess(mebibyte), tenthLess(tenthLess(mebibyte))].slice(0, 3));
    expect(arena.stats().reservedBytes).toBe(memory.held());
  });

  it('gives up below the size of the block, with the code of the device', async () => {
    const memory = device(900 * kibibyte);
    await expect(arenaOf('power-of-two', memory).alloc(950 * kibibyte)).rejects.toMatchObject({ deviceCode: 2 });
    expect(Math.min(...memory.asked)).toBeGreaterThanOrEqual(950 * kibibyte);
  });

  it('does not ask again after an error that is not about memory', async () => {
    let calls = 0;
    const memory: DeviceMemory = {
      alloc: () => {
        calls += 1;
        return Promise.reject(new DeviceError(719, 'the context is lost'));
      },
      free: async () => undefined,
    };
    await expect(createArena(memory, { growth: 'power-of-two', limitBytes: null }).alloc(1)).rejects.toThrow('lost');
    expect(calls).toBe(1);
  });

  it('stops at its limit, and takes the rest up to it before', async () => {
    const memory = device();
    const arena = arenaOf('power-of-two', memory, 10 * mebibyte);
    await allocAll(arena, [7 * mebibyte, 2 * mebibyte]);
    expect(memory.asked).toEqual([8 * mebibyte, 2 * mebibyte]);
    await expect(arena.alloc(2 * mebibyte)).rejects.toMatchObject({ deviceCode: 2 });
    expect(arena.stats()).toMatchObject({ reservedBytes: 10 * mebibyte, regions: 2 });
  });

  it('grows once for two callers that fit into one region', async () => {
    const memory = device();
    const arena = arenaOf('power-of-two', memory);
    await Promise.all([arena.alloc(kibibyte), arena.alloc(kibibyte)]);
    expect(memory.asked).toEqual([mebibyte]);
  });
});

describe('the blocks of an arena', () => {
  it('takes the smallest free chunk that fits', async () => {
    const arena = arenaOf('exact');
    const [large, small] = await allocAll(arena, [8 * mebibyte, 3 * mebibyte]);
    await arena.free(large ?? 0);
    await arena.free(small ?? 0);
    await allocAll(arena, [2 * mebibyte, 5 * mebibyte]);
    expect(arena.stats()).toMatchObject({ regions: 2, reservedBytes: 11 * mebibyte });
  });

  it.each([
    [512, 256, 256, 'twice as large: split'],
    [768, 512, 768, 'less than twice as large: the whole chunk is taken'],
    [300 * mebibyte, 160 * mebibyte, 160 * mebibyte, 'a rest of 140 MiB: split'],
    [280 * mebibyte, 160 * mebibyte, 280 * mebibyte, 'a rest of 120 MiB: taken too'],
  ])('of a chunk of %i, a block of %i takes %i (%s)', async (chunkBytes, blockBytes, takenBytes) => {
    const arena = arenaOf('exact');
    await arena.free(await arena.alloc(chunkBytes));
    await arena.alloc(blockBytes);
    expect(arena.stats().inUseBytes).toBe(takenBytes);
  });

  it('joins freed neighbours, so that a larger block fits again', async () => {
    const arena = arenaOf('power-of-two');
    const ids = await allocAll(arena, [256 * kibibyte, 256 * kibibyte, 256 * kibibyte, 256 * kibibyte]);
    for (const index of [0, 2, 1, 3]) {
      await arena.free(ids[index] ?? 0);
    }
    await arena.alloc(mebibyte);
    expect(arena.stats()).toMatchObject({ regions: 1, inUseBytes: mebibyte });
  });

  it('can be freed once', async () => {
    const arena = arenaOf('exact');
    const id = await arena.alloc(1);
    await arena.free(id);
    await expect(arena.free(id)).rejects.toMatchObject({ deviceCode: 1 });
  });
});

describe('the shrinking of an arena', () => {
  it.each([
    ['exact', 0, 'every region goes'],
    ['power-of-two', 1, 'the first region stays'],
  ] as const)('with %s growth leaves %i regions (%s)', async (growth, regions, _why) => {
    const memory = device();
    const arena = arenaOf(growth, memory);
    for (const id of await allocAll(arena, [mebibyte, 2 * mebibyte, 4 * mebibyte])) {
      await arena.free(id);
    }
    await arena.shrink();
    expect(arena.stats()).toMatchObject({ regions, reservedBytes: memory.held() });
  });

  it('keeps a region with a single used block', async () => {
    const arena = arenaOf('exact');
    const [first] = await allocAll(arena, [mebibyte]);
    await arena.free(first ?? 0);
    await arena.alloc(256);
    await expect(arena.shrink()).resolves.toBe(0);
    expect(arena.stats()).toMatchObject({ regions: 1, reservedBytes: mebibyte, inUseBytes: 256 });
  });

  it('begins again with small regions', async () => {
    const memory = device();
    const arena = arenaOf('power-of-two', memory);
    await arena.free(await arena.alloc(64 * mebibyte));
    await arena.alloc(64 * mebibyte);
    await arena.shrink();
    await arena.alloc(kibibyte);
    expect(memory.asked).toEqual([64 * mebibyte, 2 * mebibyte]);
  });

  it('closes with everything given back, used or not', async () => {
    const memory = device();
    const arena = arenaOf('exact', memory);
    await allocAll(arena, [mebibyte, mebibyte]);
    await arena.close();
    expect([memory.held(), arena.stats().reservedBytes]).toEqual([0, 0]);
  });
});

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('alloc' as const), size: fc.integer({ min: 0, max: 9 * mebibyte }) }),
    fc.record({ kind: fc.constant('free' as const), size: fc.nat() }),
    fc.record({ kind: fc.constant('shrink' as const), size: fc.constant(0) }),
  ),
  { maxLength: 60 },
);

describe('any use of an arena', () => {
  it('holds what its blocks need, within its limit, and tells what the device gave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('exact', 'power-of-two'), steps, async (growth: ArenaGrowth, script) => {
        const memory = device(40 * mebibyte);
        const arena = arenaOf(growth, memory, 48 * mebibyte);
        const blocks: { id: number; bytes: number }[] = [];
        for (const { kind, size } of script) {
          if (kind === 'alloc') {
            const id = await arena.alloc(size).catch((error: DeviceError) => (error.deviceCode === 2 ? null : error));
            expect(id).not.toBeInstanceOf(Error);
            if (typeof id === 'number') {
              blocks.push({ id, bytes: size });
            }
          } else if (kind === 'free' && blocks.length > 0) {
            const [gone] = blocks.splice(size % blocks.length, 1);
            await arena.free(gone?.id ?? 0);
          } else if (kind === 'shrink') {
            await arena.shrink();
          }
          const stats = arena.stats();
          const neededBytes = blocks.reduce((sum, { bytes }) => sum + bytes, 0);
          expect(stats.inUseBytes).toBeGreaterThanOrEqual(neededBytes);
          expect(stats.reservedBytes).toBeGreaterThanOrEqual(stats.inUseBytes);
          expect(stats.reservedBytes).toBe(memory.held());
          expect(stats.peakReservedBytes).toBeGreaterThanOrEqual(stats.reservedBytes);
        }
        for (const { id } of blocks) {
          await arena.free(id);
        }
        expect(arena.stats().inUseBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
