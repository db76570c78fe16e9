import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GateConstants, GateRow } from '../../model/gate.ts';
import { gateInput, nightOf, pastNight, peakRuns, shippedConstants, soundResult } from '../../testing/gate-nights.ts';
import { decide, type GateInput } from './decide.ts';

const gib = 1024 ** 3;
/** Twenty nights around 1 GiB whose scale stays below the floor of 1 %. */
const usual = Array.from({ length: 20 }, (_, index) => gib * (1 + 0.002 * ((index % 5) - 2)));
const rowOf = (input: GateInput, rule: string): GateRow | undefined =>
  decide(input).rows.find((row) => row.rule === rule);
const second = (share: number): GateInput['confirmation'] => peakRuns([gib * share], 'second');

describe('relative change', () => {
  it.each([
    { why: 'as usual', peaks: [1, 1.01, 0.99], second: null, state: 'pass' },
    { why: 'far below is no harm', peaks: [0.5, 0.5, 0.5], second: null, state: 'pass' },
    { why: 'one bad run of three', peaks: [1, 1.4, 1.01], second: null, state: 'pass' },
    { why: '5 % is the delta itself', peaks: [1.05, 1.05, 1.05], second: null, state: 'pass' },
    { why: 'beyond it, and nobody asked again', peaks: [1.07, 1.07, 1.07], second: null, state: 'warn' },
    { why: 'beyond it, and again', peaks: [1.07, 1.07, 1.07], second: 1.08, state: 'fail' },
    { why: 'beyond it, and not again', peaks: [1.07, 1.07, 1.07], second: 1.01, state: 'flaky' },
  ])('$why: $state', ({ peaks, second: again, state }) => {
    const input = gateInput(
      usual,
      peaks.map((peak) => gib * peak),
    );
    expect(rowOf({ ...input, confirmation: again === null ? [] : second(again) }, 'relative-history')?.state).toBe(
      state,
    );
  });

  it('asks for a second session where it could make a fail, and not otherwise', () => {
    const suspect = gateInput(usual, [1.2 * gib]);
    expect(decide(suspect).needsConfirmation).toBe(true);
    expect(decide({ ...suspect, confirmation: second(1.2) }).needsConfirmation).toBe(false);
    expect(decide({ ...suspect, confirm: 'off' }).needsConfirmation).toBe(false);
    expect(decide(gateInput(usual, [gib])).needsConfirmation).toBe(false);
    expect(decide(gateInput(usual.slice(0, 12), [1.2 * gib])).needsConfirmation).toBe(false);
  });

  it('takes a suspect at its word where no second session is wanted', () => {
    expect(decide({ ...gateInput(usual, [1.2 * gib]), confirm: 'off' }).state).toBe('fail');
  });

  it.each([
    { why: 'no night', nights: 0, state: 'calibrating' },
    { why: 'one night too few', nights: 6, state: 'calibrating' },
    { why: 'compared, but the noise is not known', nights: 7, state: 'warn' },
    { why: 'one night before it may fail', nights: 19, state: 'warn' },
    { why: 'enough', nights: 20, state: 'fail' },
  ])('of a doubled peak says $state: $why', ({ nights, state }) => {
    const input = gateInput(usual.slice(0, nights), [2 * gib]);
    expect(decide({ ...input, confirmation: second(2) }).state).toBe(state);
  });

  it('finds creep by the reference of the first nights, which the rolling median follows', () => {
    const creeping = [...usual, ...Array.from({ length: 25 }, (_, index) => gib * 1.005 ** (index + 1))];
    const input = { ...gateInput(creeping, [gib * 1.135]), confirmation: second(1.135) };
    expect(rowOf(input, 'relative-history')?.state).toBe('pass');
    expect(rowOf(input, 'relative-reference')?.state).toBe('fail');
  });

  it('confirms each condition by itself', () => {
    const decision = decide({ ...gateInput(usual, [1.3 * gib]), confirmation: second(1.07) });
    const states = decision.rows.filter(({ layer }) => layer === 'relative').map(({ rule, state }) => [rule, state]);
    expect(states).toEqual([
      ['relative-history', 'fail'],
      ['relative-reference', 'flaky'],
    ]);
  });

  it('needs 32 MiB, whatever the share', () => {
    const small = usual.map((value) => value / 64);
    expect(rowOf(gateInput(small, [gib / 32]), 'relative-history')?.state).toBe('pass');
  });

  it.each([
    { why: 'half a percent of a limit of its own', limitSource: 'cgroup v2 /x', state: 'pass' },
    { why: 'the memory of the host is no limit of its own', limitSource: 'host memory', state: 'warn' },
  ])('does not take a move for one that is small beside the limit: $why', ({ limitSource, state }) => {
    const input = gateInput(usual, [gib * 1.07]);
    const memory = { ...soundResult().memory, peakBytes: gib * 1.07, limitBytes: 20 * gib, limitSource };
    const night = { ...input.night, runs: [{ result: soundResult({ memory }), constantStages: [] }] };
    expect(rowOf({ ...input, night }, 'relative-history')?.state).toBe(state);
  });

  it('leaves out nights that were refused, that were suspect, and that were not meant as usual', () => {
    const odd = [
      pastNight(20, 9 * gib, { isAccepted: false, state: 'fail' }),
      pastNight(21, 9 * gib, { purpose: 'pr' }),
      pastNight(22, 9 * gib, { purpose: 'confirm' }),
      pastNight(23, 9 * gib, {
        metrics: pastNight(23, 9 * gib).metrics.map((metric) => ({ ...metric, isSuspect: true })),
      }),
    ];
    const input = gateInput(usual, [gib]);
    const row = rowOf({ ...input, history: [...input.history, ...odd] }, 'relative-history');
    expect(row?.centre).toBe(rowOf(input, 'relative-history')?.centre);
  });

  it('lets the first five metrics gate and the others warn', () => {
    const constants: GateConstants = {
      ...shippedConstants(),
      relative: { ...shippedConstants().relative, maxGating: 0 },
    };
    const decision = decide({ ...gateInput(usual, [2 * gib], { constants }), confirmation: second(2) });
    expect(decision.state).toBe('warn');
    expect(decision.expectedFalseRedsPerYear).toBe(0);
  });

  it('does not pass over a metric that the last night had', () => {
    const input = gateInput(usual, []);
    const night = nightOf(20, [], { runs: [{ result: soundResult(), constantStages: [] }] });
    expect(rowOf({ ...input, night }, 'measured-before')?.state).toBe('inconclusive');
  });
});

const shares = fc.array(fc.integer({ min: 80, max: 130 }), { minLength: 20, maxLength: 40 });
const freeOfUnits = ((): GateConstants => {
  const constants = shippedConstants();
  const metrics = Object.fromEntries(
    Object.entries(constants.metrics).map(([id, rule]) => [id, { ...rule, absFloor: 0 }]),
  );
  // They are slow, and never decide.
  return { ...constants, metrics, changePoints: { ...constants.changePoints, minBefore: 1000 } };
})();

describe('relative change, whatever the numbers', () => {
  it('never makes a fail of a night that is equal to those before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 40 }), (value, nights) => {
        const input = gateInput(
          Array.from({ length: nights }, () => value),
          [value, value],
          { constants: freeOfUnits },
        );
        expect(['pass', 'calibrating']).toContain(decide(input).state);
      }),
    );
  });

  it('never makes a fail of a pass by adding accepted nights as high as tonight', () => {
    fc.assert(
      fc.property(
        shares,
        fc.integer({ min: 80, max: 130 }),
        fc.integer({ min: 1, max: 10 }),
        (history, tonight, added) => {
          const before = gateInput(history, [tonight], { constants: freeOfUnits, confirm: 'off' });
          fc.pre(decide(before).state === 'pass');
          const more = [...history, ...Array.from({ length: added }, () => tonight)];
          expect(decide({ ...gateInput(more, [tonight], { constants: freeOfUnits }), confirm: 'off' }).state).toBe(
            'pass',
          );
        },
      ),
    );
  });

  it('does not depend on the unit', () => {
    fc.assert(
      fc.property(
        shares,
        fc.integer({ min: 80, max: 160 }),
        fc.integer({ min: -10, max: 10 }),
        (history, tonight, power) => {
          const scaled = (factor: number): string =>
            decide({
              ...gateInput(
                history.map((value) => value * factor),
                [tonight * factor],
                { constants: freeOfUnits },
              ),
              confirmation: peakRuns([tonight * factor], 'second'),
            }).state;
          expect(scaled(2 ** power)).toBe(scaled(1));
        },
      ),
    );
  });

  it('does not depend on the order of the repeats', () => {
    const repeats = fc.array(fc.integer({ min: 80, max: 160 }), { minLength: 3, maxLength: 5 });
    fc.assert(
      fc.property(shares, repeats, (history, peaks) => {
        const judge = (values: readonly number[]): unknown => {
          const { state, rows } = decide(gateInput(history, values, { constants: freeOfUnits }));
          return { state, rows: rows.map((row) => [row.rule, row.state, row.value, row.threshold]) };
        };
        expect(judge(peaks.toReversed())).toEqual(judge(peaks));
        expect(judge(peaks.toSorted((a, b) => a - b))).toEqual(judge(peaks));
      }),
    );
  });
});
