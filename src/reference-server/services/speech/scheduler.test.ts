import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knobValues } from '../../knobs.ts';
import {
  clipBytes,
  clipMayStart,
  coldTarget,
  emaOf,
  type RamGateView,
  ramGateOpens,
  vramGateOpens,
} from './scheduler.ts';
import { speechKnobs, speechSettings } from './settings.ts';

const mebibyte = 1024 ** 2;

describe('coldTarget', () => {
  const rows: readonly [why: string, queued: number, work: number, coldStartMs: number, cap: number, target: number][] =
    [
      ['nothing waits', 0, 0.06, 8000, 10, 0],
      ['the pool is off', 5000, 0.06, 8000, 0, 0],
      ['M is 2: one clip is done before a worker is loaded', 60, 0.06, 8000, 10, 0],
      ['31 s of work on an 8 s start: N(N-1) >= 7.75 at N = 4', 510.4, 0.0607, 8000, 10, 2],
      ['exactly N(N-1) = 12 takes N = 4', 48, 1, 8000, 10, 2],
      ['just above 12 takes N = 5', 48.1, 1, 8000, 10, 3],
      ['the cap holds', 100_000, 0.06, 8000, 10, 10],
      ['a start that costs nothing takes the cap, not infinity', 100, 1, 0, 3, 3],
    ];
  it.each(rows)('%s', (_why, queued, work, coldStartMs, cap, target) => {
    expect(coldTarget(queued, work, coldStartMs, cap)).toBe(target);
  });

  it('is M - 2 for the smallest M that covers the bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1000, max: 20_000 }),
        (queued, coldStartMs) => {
          const bound = (2 * queued * 0.05 * 1000) / coldStartMs;
          const target = coldTarget(queued, 0.05, coldStartMs, 1000);
          const m = target + 2;
          expect(m * (m - 1)).toBeGreaterThanOrEqual(bound - 1e-9);
          expect(target === 0 || (m - 1) * (m - 2) < bound + 1e-9).toBe(true);
        },
      ),
    );
  });
});

describe('ramGateOpens', () => {
  const base = { spareBytes: 500, perWorkerBytes: 150, shownWorkerBytes: [] as number[], pendingUploadBytes: 0 };
  const rows: readonly [why: string, change: Partial<RamGateView>, opens: boolean][] = [
    ['room for one', {}, true],
    ['no bound could be read', { spareBytes: null, perWorkerBytes: 1e12 }, true],
    ['exactly enough', { spareBytes: 150 }, true],
    ['one byte too little', { spareBytes: 149 }, false],
    ['three that load take 450 of the 500', { shownWorkerBytes: [0, 0, 0] }, false],
    ['three that have all they will ever take', { shownWorkerBytes: [150, 150, 150] }, true],
    ['a worker above its estimate gives no credit', { shownWorkerBytes: [900], spareBytes: 149 }, false],
    ['uploads under way eat the room', { pendingUploadBytes: 351 }, false],
  ];
  it.each(rows)('%s', (_why, change, opens) => {
    expect(ramGateOpens({ ...base, ...change })).toBe(opens);
  });
});

describe('vramGateOpens', () => {
  it.each([
    ['no reading', null, 100, 3, true],
    ['the margin of 1.2 fits', 120, 100, 0, true],
    ['the margin does not fit', 119, 100, 0, false],
    ['one that loads counts too', 239, 100, 1, false],
  ] as const)('%s', (_why, free, perWorker, loading, opens) => {
    expect(vramGateOpens(free, perWorker, loading)).toBe(opens);
  });
});

describe('clipMayStart', () => {
  it.each([
    ['it fits beside what others will still take', 100, 50, 150, 2, true],
    ['it does not', 100, 51, 150, 2, false],
    ['alone it may, for waiting frees nothing', 1000, 0, 10, 0, true],
    ['no bound could be read', 1000, 0, null, 2, true],
  ] as const)('%s', (_why, needs, others, spare, running, may) => {
    expect(clipMayStart(needs, others, spare, running)).toBe(may);
  });
});

describe('clipBytes', () => {
  it('counts samples, their float32 copy and the decoder of five minutes', () => {
    const bytes = clipBytes(speechSettings(knobValues(speechKnobs, [], 1)), {
      dataBytes: 9_600_000,
      audioSeconds: 300,
    });
    expect(bytes).toBe(28_800_000 + 20 * mebibyte);
  });
});

describe('emaOf', () => {
  it('starts with the first value and then moves towards the newest', () => {
    expect(emaOf(null, 10)).toBe(10);
    expect(emaOf(10, 20)).toBe(13);
  });
});
