import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ladder } from '../model/artifacts.ts';
import { mib } from '../testing/build.ts';
import { capacityOfLevels, ladderRun } from '../testing/ladder-run.ts';
import { capacityOf, limitFor } from './capacity.ts';
import { ladderBase } from './ladder-base.ts';

const perRequest = (ladder: Ladder): number => (ladder.slopes[0]?.bytes ?? Number.NaN) / mib;

describe('ladder', () => {
  it('takes the first visit of each higher level, its mean in flight and its peak', () => {
    const { ladder } = ladderRun([
      { vus: 1, peakMib: 140 },
      { vus: 2, peakMib: 240 },
      { vus: 4, peakMib: 440 },
      { vus: 2, peakMib: 440 },
    ]);
    expect(ladder.rungs.map(({ stage, inFlight, peakBytes }) => [stage, inFlight.requests, peakBytes / mib])).toEqual([
      ['vus-1', 1, 140],
      ['vus-2', 2, 240],
      ['vus-4', 4, 440],
    ]);
    expect(perRequest(ladder)).toBeCloseTo(100);
    expect(ladder).toMatchObject({
      baseBytes: 40 * mib,
      isBaseSteady: true,
      asked: { concurrency: 4, stage: 'vus-4' },
    });
  });

  it.each([
    { why: 'a base that a first level loads for good', levels: [{ vus: 1, peakMib: 290, floorMib: 240 }], per: 50 },
    {
      why: 'a burst counts by its highest, not by its decay',
      levels: [{ vus: 8, peakMib: 440, isBurst: true }],
      per: 50,
    },
    {
      why: 'a level that the guard ended tells only of the room there was',
      levels: [
        { vus: 1, peakMib: 490 },
        { vus: 2, peakMib: 640, end: 'guard_stop' as const },
      ],
      per: 450,
    },
  ])('gives memory per request: $why', ({ levels, per }) => {
    expect(perRequest(ladderRun(levels).ladder)).toBeCloseTo(per);
  });

  it('needs at least what a level had reached when the guard ended it', () => {
    const { ladder, limit } = ladderRun([
      { vus: 1, peakMib: 240 },
      { vus: 2, peakMib: 660, end: 'guard_stop' },
    ]);
    expect(perRequest(ladder)).toBeCloseTo(310);
    expect(capacityOf(ladder, limit)).toMatchObject({ safeConcurrency: 1 });
  });

  it.each([
    { why: 'no load at all', levels: [], says: 'no judged stage of a steady number' },
    {
      why: 'the first level ended in a kill',
      levels: [{ vus: 1, peakMib: 700, end: 'oom_kill' as const }],
      says: 'was ended by a kill',
    },
  ])('says why nothing is known: $why', ({ levels, says }) => {
    const { ladder, limit } = ladderRun(levels);
    expect(ladder.slopes).toEqual([]);
    expect(capacityOf(ladder, limit)).toContain(says);
  });

  it('does not trust a base that moved by more than 5 % of itself and of the first rise', () => {
    const moving = [40, 90, 140].map((floorMib, index) => ({ vus: index + 1, peakMib: 140 + 50 * index, floorMib }));
    expect(ladderRun(moving).ladder.isBaseSteady).toBe(false);
    expect(capacityOfLevels(moving)).toMatchObject({ confidence: 'low' });
  });

  it('counts audio seconds and megapixels too where the items have them', () => {
    const items = new Map(
      [0, 1, 2, 3].map((index) => [`item-${index}`, { bytes: 1000, audioSeconds: 30, pixels: 2_000_000 }] as const),
    );
    const { ladder } = ladderRun([{ vus: 2, peakMib: 160 }], { items });
    expect(ladder.slopes.map(({ unit, bytes }) => [unit, bytes / mib])).toEqual([
      ['requests', expect.closeTo(60)],
      ['bytes', expect.closeTo(0.06)],
      ['audioSeconds', expect.closeTo(2)],
      ['megapixels', expect.closeTo(30)],
    ]);
  });

  it('asks for the whole profile only where memory ended the load before its time', () => {
    const levels = [
      { vus: 1, peakMib: 490 },
      { vus: 2, peakMib: 640 },
      { vus: 8, peakMib: 640, isSkipped: true },
    ];
    expect(ladderRun(levels).ladder.asked).toEqual({ concurrency: 2, stage: 'vus-2' });
    const ended = levels.map((level) => (level.vus === 2 ? { ...level, end: 'guard_stop' as const } : level));
    expect(ladderRun(ended).ladder.asked).toEqual({ concurrency: 8, stage: 'vus-8' });
  });
});

describe('the base of a ladder', () => {
  // 11 MiB before load and 20.4 MiB a request; an allocator keeps what it has had.
  const kept = (vus: number): number => 11 + 20.4 * vus;
  const rises = [1, 2, 4, 8];
  const arena = rises.map((vus) => ({ vus, peakMib: kept(vus), floorMib: kept(vus) }));
  const after = { x: 0, bytes: kept(8) * mib };
  const points = rises.map((x) => ({ x, bytes: kept(x) * mib }));

  it.each([
    { why: 'children that end give their memory back', levels: rises.map((vus) => ({ vus, peakMib: 40 + 450 * vus })) },
    {
      why: 'weights that the first load loads stay beside what requests take',
      levels: rises.map((vus) => ({ vus, peakMib: 240 + 50 * vus, floorMib: 240 })),
      base: 240,
    },
    { why: 'an allocator that keeps its arenas uses them again', levels: arena, base: 11, baseMib: 11, reused: 31.4 },
    {
      why: 'requests of the same number leave more each time: a leak is added to whatever comes',
      levels: [1, 1, 1, 2, 4].map((vus, index) => ({
        vus,
        peakMib: 40 + 20 * vus + 60 * index,
        floorMib: 100 + 60 * index,
      })),
      base: 100,
    },
  ])('is $base MiB: $why', ({ levels, base = 40, baseMib = 40, reused = null }) => {
    const { ladder } = ladderRun(levels, { baseMib });
    expect(ladder.baseBytes / mib).toBeCloseTo(base);
    expect(ladder.reusedBytes === null ? null : ladder.reusedBytes / mib).toEqual(
      reused === null ? null : expect.closeTo(reused),
    );
  });

  it('is not the floor after the last level where later requests used it again', () => {
    const calm = { beforeBytes: 11 * mib, isLeaking: false };
    expect(ladderBase(points, after.bytes, calm).bytes / mib).toBeCloseTo(11);
    expect(ladderBase(points, after.bytes, { ...calm, isLeaking: true }).bytes).toBe(after.bytes);
    expect(ladderBase([], after.bytes, calm)).toEqual({ bytes: after.bytes, reusedBytes: null });
  });

  it('is not below what was there before the load', () => {
    const calm = { beforeBytes: 20 * mib, isLeaking: false };
    expect(ladderBase(points, after.bytes, calm).bytes / mib).toBeCloseTo(20);
  });

  it('does not contradict the measured levels, however much is kept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 5, max: 200 }), (tenths, each) => {
        const share = tenths / 10;
        const levels = rises.map((vus) => ({ vus, peakMib: 40 + each * vus, floorMib: 40 + share * each * vus }));
        const { ladder } = ladderRun(levels);
        const slope = perRequest(ladder);
        for (const { vus, peakMib } of levels) {
          expect(ladder.baseBytes / mib + slope * vus).toBeLessThanOrEqual(peakMib * 1.02 + 0.02 * (40 + each * 8));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('gives a capacity that holds what was measured: about 25 at once, not 17', () => {
    const { ladder } = ladderRun(arena, { baseMib: 11 });
    const capacity = capacityOf(ladder, { bytes: 600 * mib, source: 'as given' });
    expect(capacity).toMatchObject({ safeConcurrency: 25 });
    expect(limitFor(capacityOfLevels(arena, { baseMib: 11 }), 8) / mib).toBeLessThan(200);
    expect(capacityOfLevels(arena, { baseMib: 11 }).arithmetic[1]).toBe(
      'base: 11.0 MiB, where the line through the levels meets zero; what stayed after load, 31.4 MiB, is used again and not added',
    );
  });

  it('has a range that does not end below zero', () => {
    const noisy = [
      { vus: 1, peakMib: 45 },
      { vus: 2, peakMib: 44 },
      { vus: 4, peakMib: 200 },
    ];
    const [slope] = ladderRun(noisy).ladder.slopes;
    expect(slope?.lowerBytes).toBe(0);
  });

  it('says which stages are no level, and why', () => {
    const { basis } = capacityOfLevels([
      { vus: 2, peakMib: 140 },
      { vus: 1, peakMib: 120 },
      { vus: 4, peakMib: 240 },
    ]);
    expect(basis).toBe(
      '2 levels of load, vus-2 2.0, vus-4 4.0 in flight; left out: vus-1 (no more in flight than before it)',
    );
  });
});
