import { describe, expect, it } from 'vitest';
import { pastNight, shippedConstants } from '../../testing/gate-nights.ts';
import { calibrate } from './calibrate.ts';

const gib = 1024 ** 3;
const nights = (shares: readonly number[]): ReturnType<typeof pastNight>[] =>
  shares.map((share, order) => pastNight(order, share * gib));
const measured = (shares: readonly number[]): NonNullable<ReturnType<typeof calibrate>[0]> => {
  const [found] = calibrate(nights(shares), shippedConstants());
  if (found === undefined) {
    throw new Error('nothing was calibrated');
  }
  return found;
};
const still = Array.from({ length: 20 }, () => 1);

describe('calibration', () => {
  it('of nights without spread proposes the least that makes sense', () => {
    expect(measured(still)).toMatchObject({
      key: 'peak-memory',
      sessions: 20,
      withinRatio: 0,
      betweenRatio: 0,
      suspectsPerHundred: 0,
      falseAlarmsPerHundred: 0,
      proposed: { delta: 0.02, deltaRef: 0.04, floor: 0.005 },
    });
  });

  it('proposes five scales of what sessions really vary by', () => {
    const { betweenRatio, proposed } = measured(Array.from({ length: 21 }, (_, index) => 1 + 0.01 * (index % 3)));
    expect(betweenRatio).toBeCloseTo(0.01468, 4);
    expect(proposed.delta).toBe(0.075);
    expect(proposed.deltaRef).toBe(0.15);
  });

  it.each([
    { why: 'one night, and the next is well', odd: [1.3, 1, 1, 1], suspects: 1, alarms: 0 },
    { why: 'two in a row', odd: [1.3, 1.3, 1, 1], suspects: 2, alarms: 1 },
    { why: 'the last one', odd: [1, 1, 1, 1.3], suspects: 1, alarms: 0 },
  ])('counts what would have been suspect: $why', ({ odd, suspects, alarms }) => {
    const judged = 20 + odd.length - 7;
    const found = measured([...still, ...odd]);
    expect(found.suspectsPerHundred).toBeCloseTo((100 * suspects) / judged);
    expect(found.falseAlarmsPerHundred).toBeCloseTo((100 * alarms) / judged);
  });

  it('has no rate of false alarms from nights of which none could be judged', () => {
    expect(measured([1, 1, 1]).falseAlarmsPerHundred).toBeNull();
  });

  it('says nothing without nights, or of metrics without thresholds', () => {
    expect(calibrate([], shippedConstants())).toEqual([]);
    expect(calibrate(nights(still), { ...shippedConstants(), metrics: {} })).toEqual([]);
  });
});
