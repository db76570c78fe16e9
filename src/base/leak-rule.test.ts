import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Floor, isConfirmed, type LeakGates, leakTrend } from './leak-rule.ts';

const options = { metrics: 1, notable: 16 };
const floorsAt = (values: readonly number[]): Floor[] => values.map((value, round) => ({ round, value }));
const leak = [500, 511, 519, 531, 540, 549, 561, 570];

const passed: LeakGates = { hasTrend: true, hasEffect: true, isSustained: true, isNoStep: true };

describe('the four gates', () => {
  it.each([
    { why: 'it rises by ten a round', values: leak, gates: {} },
    {
      why: 'it is flat',
      values: [500, 503, 499, 501, 498, 502, 500, 501],
      gates: { hasTrend: false, hasEffect: false, isNoStep: false },
    },
    {
      why: 'it rises without noise, but by less than notable',
      values: [500, 501, 502, 503, 504, 505, 506, 507],
      gates: { hasEffect: false },
    },
    {
      why: 'it rises by less than 2 % of its size',
      values: [5000, 5010, 5020, 5030, 5040, 5050, 5060, 5070],
      gates: { hasEffect: false },
    },
    {
      why: 'it is one step',
      values: [500, 501, 502, 503, 603, 604, 605, 606],
      gates: { isNoStep: false },
    },
    {
      why: 'it settles',
      values: [500, 520, 540, 560, 566, 570, 572, 574],
      gates: { isSustained: false },
    },
    {
      why: 'it falls',
      values: leak.toReversed(),
      gates: { hasTrend: false, hasEffect: false, isSustained: false, isNoStep: false },
    },
    {
      why: 'a third of it is noise as large as its growth',
      values: [500, 560, 505, 565, 510, 570, 515, 575],
      gates: { hasTrend: false, hasEffect: false, isNoStep: false },
    },
  ])('$gates when $why', ({ values, gates }) => {
    const trend = leakTrend(floorsAt(values), options);
    expect(trend?.gates).toEqual({ ...passed, ...gates });
    expect(trend?.isCandidate).toBe(Object.keys(gates).length === 0);
  });

  it('has slope, growth and what was needed as computed by hand', () => {
    const trend = leakTrend(floorsAt([100, 110, 120, 130, 140, 150]), options);
    expect(trend).toMatchObject({
      floors: 6,
      slope: 10,
      growth: 50,
      needed: 16,
      alpha: 0.01,
      lateRatio: 1,
      stepRatio: 0.2,
    });
    expect(trend?.p).toBeCloseTo(1 / 720, 12);
  });

  it.each([
    { values: [], why: 'there are none' },
    { values: [1, 2, 3, 4, 5], why: 'five are too few' },
    { values: [1, 2, 3, 4, 5, Number.NaN], why: 'a gap is no floor' },
  ])('says nothing of $values, as $why', ({ values }) => {
    expect(leakTrend(floorsAt(values), options)).toBeNull();
  });

  it('divides its level by the number of metrics, so that six floors are enough for seven', () => {
    const six = floorsAt([100, 110, 120, 130, 140, 150]);
    expect(leakTrend(six, { ...options, metrics: 7 })?.isCandidate).toBe(true);
    expect(leakTrend(six, { ...options, metrics: 8 })?.isCandidate).toBe(false);
  });

  it('counts rounds, not floors, where one was not measured', () => {
    const gapped = floorsAt(leak.map((value, round) => (round === 3 ? Number.NaN : value)));
    const trend = leakTrend(gapped, options);
    expect(trend?.slope).toBeCloseTo(10, 0);
    expect(trend?.growth).toBeCloseTo(70, 0);
  });
});

describe('confirmation', () => {
  const first = leakTrend(floorsAt(leak), options);
  it.each([
    { why: 'fresh rounds show the same', fresh: leak.map((value) => value + 80), confirmed: true },
    { why: 'they show a little more than half', fresh: [600, 605, 611, 616, 621, 626, 632, 637], confirmed: true },
    { why: 'they show a third', fresh: [600, 603, 607, 610, 614, 617, 621, 624], confirmed: false },
    { why: 'they are flat', fresh: [600, 601, 599, 600, 602, 598, 600, 601], confirmed: false },
    { why: 'they are too few', fresh: [600, 610, 620], confirmed: false },
  ])('is $confirmed when $why', ({ fresh, confirmed }) => {
    expect(first !== null && isConfirmed(first, leakTrend(floorsAt(fresh), options))).toBe(confirmed);
  });
});

describe('for any floors', () => {
  const values = fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 6, maxLength: 16 });

  it('adding a constant that keeps 2 % below the rest changes nothing', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 500 }), (list, added) => {
        const notable = { metrics: 1, notable: 1000 };
        const [plain, moved] = [list, list.map((value) => value + added)].map((one) =>
          leakTrend(floorsAt(one), notable),
        );
        expect(moved?.gates).toEqual(plain?.gates);
        expect(moved?.growth).toBeCloseTo(plain?.growth ?? Number.NaN, 6);
      }),
    );
  });

  it('the reverse of a candidate is none', () => {
    fc.assert(
      fc.property(values, (list) => {
        const isBoth = [list, list.toReversed()].every(
          (one) => leakTrend(floorsAt(one), options)?.isCandidate === true,
        );
        expect(isBoth).toBe(false);
      }),
    );
  });

  it('a straight rise that is large enough always is one, whatever its size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 30 }), fc.integer({ min: 4, max: 400 }), (count, slope) => {
        const straight = Array.from({ length: count }, (_, round) => 50 + slope * round);
        expect(leakTrend(floorsAt(straight), options)?.isCandidate).toBe(true);
      }),
    );
  });
});
