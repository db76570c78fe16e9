import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findById } from '../base/by-id.ts';
import { createRandom } from '../base/random.ts';
import type { ClosedSlots, ExecutorContext, OpenArrivals } from '../model/plan.ts';
import type { Arrivals, Load } from '../model/profile.ts';
import { executors } from './index.ts';

function context(durationMs: number, seed = 'seed'): ExecutorContext {
  return {
    random: createRandom(seed),
    durationMs,
    resolveRate: (rate) => (typeof rate === 'number' ? rate : Number.NaN),
  };
}

function arrivalsOf(load: Load, durationMs: number, seed?: string): readonly number[] {
  const draft = findById('executor', executors, load.executor).draft(load, context(durationMs, seed));
  return (draft as OpenArrivals).arrivalsMs;
}

function closedDraft(load: Load, durationMs: number): ClosedSlots {
  return findById('executor', executors, load.executor).draft(load, context(durationMs)) as ClosedSlots;
}

function meant(
  load: Load,
  elapsedMs: number,
  durationMs: number,
): { ratePerSecond: number | null; vus: number | null } {
  return findById('executor', executors, load.executor).intended(load, elapsedMs, context(durationMs));
}

const constant = (rate: number, arrivals: Arrivals = 'uniform'): Load => ({
  executor: 'constant-arrival-rate',
  rate,
  arrivals,
  maxInFlight: 8,
});
const ramp = (fromRate: number, toRate: number, arrivals: Arrivals = 'uniform'): Load => ({
  executor: 'ramping-arrival-rate',
  fromRate,
  toRate,
  arrivals,
  maxInFlight: 8,
});
const burst = (size: number, repeats: number, everyMs: number): Load => ({
  executor: 'burst',
  size,
  repeats,
  everyMs,
  maxInFlight: 8,
});

describe('executors', () => {
  it('the list and the folder hold the same ids', () => {
    const files = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !/(^index|\.test)\.ts$/.test(entry.name))
      .map((entry) => entry.name.replace('.ts', ''));
    expect(files.sort()).toEqual(executors.map(({ id }) => id).sort());
  });

  it.each<[string, Load, number, number[]]>([
    ['a uniform rate begins at 0 and keeps equal gaps', constant(2), 2000, [0, 500, 1000, 1500]],
    ['a rate below one per second still sends', constant(0.25), 10_000, [0, 4000, 8000]],
    ['a rate that ends within its first gap sends once', constant(0.001), 5000, [0]],
    ['a product that rounds up adds no arrival', constant(0.1), 30_000, [0, 10_000, 20_000]],
    ['a level ramp is a constant rate', ramp(2, 2), 2000, [0, 500, 1000, 1500]],
    ['a burst sends all at once', burst(3, 1, 0), 1000, [0, 0, 0]],
    ['a repeated burst keeps its gap', burst(2, 2, 700), 1000, [0, 0, 700, 700]],
  ])('%s', (_title, load, durationMs, expected) => {
    expect(arrivalsOf(load, durationMs)).toEqual(expected);
  });

  it('a ramp sends where the integral of its rate passes whole numbers', () => {
    const arrivals = arrivalsOf(ramp(1, 3), 4000);
    expect(arrivals).toHaveLength(8);
    for (const [count, atMs] of arrivals.entries()) {
      const seconds = atMs / 1000;
      expect(seconds + (seconds * seconds) / 4).toBeCloseTo(count, 9);
    }
  });

  const rate = fc.double({ min: 0.01, max: 200, noNaN: true });
  const durationMs = fc.integer({ min: 1, max: 20_000 });
  const pattern = fc.constantFrom<Arrivals>('uniform', 'poisson');
  const load = fc.oneof(
    fc.tuple(rate, pattern).map(([value, arrivals]) => constant(value, arrivals)),
    fc.tuple(rate, rate, pattern).map(([from, to, arrivals]) => ramp(from, to, arrivals)),
    fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 9000 }))
      .map(([size, repeats, everyMs]) => burst(size, repeats, everyMs)),
  );

  it('arrivals rise and stay in the stage, and the same seed gives the same ones', () => {
    fc.assert(
      fc.property(load, durationMs, fc.string(), (anyLoad, lasts, seed) => {
        const arrivals = arrivalsOf(anyLoad, lasts, seed);
        expect(arrivals.every((atMs, index) => atMs >= (arrivals[index - 1] ?? 0) && atMs < lasts)).toBe(true);
        expect(arrivalsOf(anyLoad, lasts, seed)).toEqual(arrivals);
      }),
    );
  });

  it('the count of uniform arrivals is exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 20 }), (perSecond, seconds) => {
        expect(arrivalsOf(constant(perSecond), seconds * 1000)).toHaveLength(perSecond * seconds);
        expect(arrivalsOf(ramp(perSecond, 3 * perSecond), seconds * 1000)).toHaveLength(2 * perSecond * seconds);
      }),
    );
  });

  it('Poisson arrivals come at the asked rate with gaps that vary as much as they last', () => {
    const arrivals = arrivalsOf(constant(50, 'poisson'), 200_000);
    expect(Math.abs(arrivals.length - 10_000)).toBeLessThan(500);
    const gaps = arrivals.slice(1).map((atMs, index) => atMs - (arrivals[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
  });

  it('a Poisson ramp sends three quarters in its second half when it begins near 0', () => {
    const arrivals = arrivalsOf(ramp(0.01, 100, 'poisson'), 200_000);
    expect(arrivals.filter((atMs) => atMs >= 100_000).length / arrivals.length).toBeCloseTo(0.75, 1);
  });

  it.each<[why: string, load: Load, expected: Pick<ClosedSlots, 'slots' | 'thinkMs' | 'perSlot' | 'inAll'>]>([
    [
      'VUs send as often as there is time for',
      { executor: 'constant-vus', vus: 4, thinkMs: 20 },
      { slots: 4, thinkMs: 20, perSlot: null, inAll: null },
    ],
    [
      'a rising ramp has the slots of its end',
      { executor: 'ramping-vus', fromVus: 1, toVus: 9, thinkMs: 0 },
      { slots: 9, thinkMs: 0, perSlot: null, inAll: null },
    ],
    [
      'a falling ramp has the slots of its beginning',
      { executor: 'ramping-vus', fromVus: 9, toVus: 1, thinkMs: 0 },
      { slots: 9, thinkMs: 0, perSlot: null, inAll: null },
    ],
    [
      'shared iterations are counted over all slots',
      { executor: 'shared-iterations', vus: 3, iterations: 20, thinkMs: 5 },
      { slots: 3, thinkMs: 5, perSlot: null, inAll: 20 },
    ],
    [
      'iterations per VU are counted for each slot',
      { executor: 'per-vu-iterations', vus: 3, iterations: 20, thinkMs: 5 },
      { slots: 3, thinkMs: 5, perSlot: 20, inAll: null },
    ],
  ])('%s', (_why, load, expected) => {
    const draft = closedDraft(load, 1000);
    expect(draft).toMatchObject({ model: 'closed', ...expected });
    expect(draft.window(0).fromMs).toBe(0);
  });

  it.each<[why: string, load: Load, windows: [fromMs: number, toMs: number][]]>([
    [
      'a steady load keeps its slots open all along',
      { executor: 'per-vu-iterations', vus: 2, iterations: 1, thinkMs: 0 },
      [
        [0, 1000],
        [0, 1000],
      ],
    ],
    [
      'the slots of a rising ramp open in order, each when the rounded ramp reaches it',
      { executor: 'ramping-vus', fromVus: 1, toVus: 3, thinkMs: 0 },
      [
        [0, 1000],
        [250, 1000],
        [750, 1000],
      ],
    ],
    [
      'the slots of a falling ramp close in the opposite order',
      { executor: 'ramping-vus', fromVus: 3, toVus: 1, thinkMs: 0 },
      [
        [0, 1000],
        [0, 750],
        [0, 250],
      ],
    ],
    [
      'a level ramp is a constant number',
      { executor: 'ramping-vus', fromVus: 2, toVus: 2, thinkMs: 0 },
      [
        [0, 1000],
        [0, 1000],
      ],
    ],
  ])('%s', (_why, load, windows) => {
    const draft = closedDraft(load, 1000);
    expect(Array.from({ length: draft.slots }, (_, slot) => draft.window(slot))).toEqual(
      windows.map(([fromMs, toMs]) => ({ fromMs, toMs })),
    );
  });

  it('the windows of a ramp lie in the stage, and as many are open as it means to have', () => {
    const vus = fc.integer({ min: 1, max: 40 });
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(vus, vus, durationMs, share, (fromVus, toVus, lasts, at) => {
        const ramping: Load = { executor: 'ramping-vus', fromVus, toVus, thinkMs: 0 };
        const draft = closedDraft(ramping, lasts);
        const windows = Array.from({ length: draft.slots }, (_, slot) => draft.window(slot));
        expect(windows.every(({ fromMs, toMs }) => fromMs >= 0 && fromMs < toMs && toMs <= lasts)).toBe(true);
        const open = windows.filter(({ fromMs, toMs }) => fromMs <= at * lasts && at * lasts < toMs).length;
        const exact = fromVus + (toVus - fromVus) * at;
        // At half a VU a rounding error decides.
        fc.pre(Math.abs(exact - Math.floor(exact) - 0.5) > 1e-6);
        expect(open).toBe(meant(ramping, at * lasts, lasts).vus);
      }),
    );
  });

  it.each<[string, Load, number, { ratePerSecond: number | null; vus: number | null }]>([
    ['a constant rate is meant all the time', constant(3), 100, { ratePerSecond: 3, vus: null }],
    ['half-way a ramp means the middle', ramp(1, 3), 500, { ratePerSecond: 2, vus: null }],
    ['after its end a ramp means its last rate', ramp(1, 3), 5000, { ratePerSecond: 3, vus: null }],
    ['a burst has no rate', burst(3, 1, 0), 0, { ratePerSecond: null, vus: null }],
    [
      'half-way a ramp of VUs means the middle',
      { executor: 'ramping-vus', fromVus: 1, toVus: 9, thinkMs: 0 },
      500,
      { ratePerSecond: null, vus: 5 },
    ],
    [
      'after its end a ramp of VUs means its last number',
      { executor: 'ramping-vus', fromVus: 9, toVus: 1, thinkMs: 0 },
      5000,
      { ratePerSecond: null, vus: 1 },
    ],
    [
      'iterations are meant to be sent by all VUs',
      { executor: 'shared-iterations', vus: 2, iterations: 9, thinkMs: 0 },
      0,
      { ratePerSecond: null, vus: 2 },
    ],
    ['VUs have no rate', { executor: 'constant-vus', vus: 2, thinkMs: 0 }, 0, { ratePerSecond: null, vus: 2 }],
  ])('%s', (_title, load, elapsedMs, expected) => {
    expect(meant(load, elapsedMs, 1000)).toEqual(expected);
  });
});
