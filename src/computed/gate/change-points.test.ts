import { describe, expect, it } from 'vitest';
import type { GateRow } from '../../model/gate.ts';
import { gateInput, shippedConstants } from '../../testing/gate-nights.ts';
import { decide } from './decide.ts';

const gib = 1024 ** 3;
/** Nights around a level, within 1 %. */
const around = (level: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => gib * level * (1 + 0.004 * ((index * 7) % 5) - 0.008));
const pointsOf = (medians: readonly number[], constants = shippedConstants()): readonly GateRow[] => {
  const tonight = medians.at(-1) ?? gib;
  return decide(gateInput(medians.slice(0, -1), [tonight], { constants })).rows.filter(
    ({ layer }) => layer === 'change-point',
  );
};

describe('change points of a metric', () => {
  it.each([
    { why: 'the same level all along', medians: around(1, 30) },
    { why: 'without any spread', medians: Array.from({ length: 30 }, () => gib) },
    { why: 'a step below 5 %', medians: [...around(1, 20), ...around(1.03, 10)] },
    { why: 'a fall, which is no harm', medians: [...around(1, 20), ...around(0.8, 10)] },
    { why: 'fewer than 10 nights before', medians: [...around(1, 9), ...around(1.2, 20)] },
    { why: 'fewer than 3 nights after', medians: [...around(1, 20), ...around(1.2, 2)] },
    { why: 'a single night', medians: [...around(1, 20), 1.3 * gib, ...around(1, 9)] },
  ])('are not told of $why', ({ medians }) => {
    expect(pointsOf(medians)).toEqual([]);
  });

  it('name the night and the commits of a step, and only warn', () => {
    const [row, ...others] = pointsOf([...around(1, 20), ...around(1.08, 10)]);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ state: 'warn', failingSince: 'night-20', isGating: false });
    expect(row?.sentence).toContain('Since night-20 it lies 8.0 % higher, between commits commit-19 and commit-20');
  });

  it('fail where that is configured', () => {
    const shipped = shippedConstants();
    const constants = { ...shipped, changePoints: { ...shipped.changePoints, canFail: true } };
    expect(pointsOf([...around(1, 20), ...around(1.2, 10)], constants)[0]?.state).toBe('fail');
  });

  it('forget what lies before the window', () => {
    expect(pointsOf([...around(0.5, 20), ...around(1, 50)])).toEqual([]);
  });
});
