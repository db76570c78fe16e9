import { describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { type Arena, type ArenaGrowth, createArena } from './arena.ts';
import type { DeviceMemory } from './device.ts';

const mebibyte = 1024 ** 2;
const weightsMib = 600;
/** Weights and the longest request: what is needed at most. */
const neededMib = 1626;
const longestSeconds = 600;
/** A request's activations, attention and decoder state, as parts of what it needs. */
const shares = [0.5, 0.3, 0.2];
const buckets = [30, 60, 120, 300, longestSeconds];

const random = createRandom('arena-lengths');
const lengthsSeconds = [
  ...Array.from({ length: 59 }, () => 10 + random.below(longestSeconds - 9)),
  // The longest comes late: what came before it decides what it finds.
  longestSeconds,
];

interface Setting {
  growth: ArenaGrowth;
  limitMib?: number;
  shrinks?: boolean;
  warmsUp?: boolean;
  hasBuckets?: boolean;
}

async function serve(arena: Arena, seconds: number): Promise<void> {
  const requestMib = (seconds / longestSeconds) * (neededMib - weightsMib);
  const ids: number[] = [];
  for (const share of shares) {
    ids.push(await arena.alloc(Math.floor(requestMib * share * mebibyte)));
  }
  for (const id of ids) {
    await arena.free(id);
  }
}

async function afterAllRequests(setting: Setting): Promise<{ endMib: number; peakMib: number; regions: number }> {
  let nextId = 0;
  const endless: DeviceMemory = { alloc: async () => nextId++, free: async () => undefined };
  const limitBytes = setting.limitMib === undefined ? null : setting.limitMib * mebibyte;
  const arena = createArena(endless, { growth: setting.growth, limitBytes });
  await arena.alloc(weightsMib * mebibyte);
  const admitted = setting.warmsUp === true ? [longestSeconds, ...lengthsSeconds] : lengthsSeconds;
  for (const seconds of admitted) {
    const bucket = buckets.find((bound) => bound >= seconds) ?? longestSeconds;
    await serve(arena, setting.hasBuckets === true ? bucket : seconds);
    if (setting.shrinks === true) {
      await arena.shrink();
    }
  }
  const { reservedBytes, peakReservedBytes, regions } = arena.stats();
  return { endMib: reservedBytes / mebibyte, peakMib: peakReservedBytes / mebibyte, regions };
}

describe('60 audio requests of 10 to 600 s over 600 MiB of weights', () => {
  const exact: readonly [name: string, setting: Setting, endMib: number, peakMib: number, regions: number][] = [
    ['the default keeps two powers of two', { growth: 'power-of-two' }, 2048, 2048, 2],
    ['a limit above that changes nothing', { growth: 'power-of-two', limitMib: 4096 }, 2048, 2048, 2],
    ['exact growth with a shrink after each run', { growth: 'exact', shrinks: true }, 600, neededMib, 1],
    ['exact growth, warmed up with the longest', { growth: 'exact', warmsUp: true }, neededMib, neededMib, 4],
  ];
  it.each(exact)('%s', async (_name, setting, endMib, peakMib, regions) => {
    const end = await afterAllRequests(setting);
    expect([Math.round(end.endMib), Math.round(end.peakMib), end.regions]).toEqual([endMib, peakMib, regions]);
  });

  it('exact growth alone is a false fix: it keeps more than the default, in more regions', async () => {
    const end = await afterAllRequests({ growth: 'exact' });
    expect(end.endMib).toBeGreaterThan(2048);
    expect(end.endMib).toBe(end.peakMib);
    expect(end.regions).toBeGreaterThan(4);
  });

  it('shrinking the default keeps the region that the weights are in, and the peak is no smaller', async () => {
    const end = await afterAllRequests({ growth: 'power-of-two', shrinks: true });
    expect([end.endMib, end.regions]).toEqual([1024, 1]);
    expect(end.peakMib).toBeGreaterThanOrEqual(2048);
  });

  it('buckets leave less behind than exact growth alone', async () => {
    const bucketed = await afterAllRequests({ growth: 'exact', hasBuckets: true });
    const alone = await afterAllRequests({ growth: 'exact' });
    expect(bucketed.endMib).toBeLessThan(alone.endMib);
    expect(bucketed.endMib).toBeGreaterThanOrEqual(neededMib - 1);
  });
});
