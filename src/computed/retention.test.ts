import { describe, expect, it } from 'vitest';
import { footprint, healthyArtifacts, line, mib, record, series, stageWindowsOf } from '../testing/build.ts';
import { retention } from './retention.ts';

const stages = stageWindowsOf([
  ['base', 'idle', 30],
  ['one', 'warmup', 30],
  ['storm', 'load', 30],
  ['rest', 'lull', 60],
]);
const inFlight = {
  tMs: Float64Array.of(0, 30_000, 60_000, 90_000),
  values: Float64Array.of(0, 1, 8, 0),
};
/** Weights come with the first request and stay. */
const total = line(150, (second) => (second < 32 ? 100 : second >= 60 && second < 90 ? 900 : 400) * mib);
const held = footprint(total, { floorBytes: 400 * mib });
const none = { unavailable: true, reason: 'no device' } as const;
const noRounds = { families: [], restartsMs: [] };

describe('retention', () => {
  it('takes what one request at a time loads as the base', () => {
    const [host] = [retention(held, none, { stages, inFlight, rounds: noRounds, neighbour: [] })].flat();
    expect(host).toMatchObject({ place: 'host', baseBytes: 400 * mib, peakBytes: 900 * mib, floorBytes: 400 * mib });
  });

  it('takes the idle level where several were in flight from the first', () => {
    const busy = { tMs: inFlight.tMs, values: Float64Array.of(0, 8, 8, 0) };
    const [host] = [retention(held, none, { stages, inFlight: busy, rounds: noRounds, neighbour: [] })].flat();
    expect(host).toMatchObject({ baseBytes: 100 * mib });
  });

  it('takes the idle level where more came and went than a call has room for', () => {
    const changes = 300_000;
    const busy = {
      tMs: Float64Array.from({ length: changes }, (_, index) => 30_000 + index / 10),
      values: Float64Array.from({ length: changes }, (_, index) => (index % 2 === 0 ? 8 : 7)),
    };
    const [host] = [retention(held, none, { stages, inFlight: busy, rounds: noRounds, neighbour: [] })].flat();
    expect(host).toMatchObject({ baseBytes: 100 * mib });
  });

  it('has no base without an idle stage', () => {
    const unknown = footprint(total, { baselineBytes: null });
    const [host] = [retention(unknown, none, { stages, inFlight, rounds: noRounds, neighbour: [] })].flat();
    expect(host).toMatchObject({ baseBytes: null });
  });

  it('says why there is nothing when neither host nor device was read', () => {
    expect(retention(none, none, { stages, inFlight, rounds: noRounds, neighbour: [] })).toEqual(none);
  });

  it.each([
    ['late in the rest: what it takes is not what the target kept', 120, 100],
    ['soon after the load: as it may have been before it', 95, 900],
  ])('of a card whose other tenant is called %s', (_why, calledS, floorMib) => {
    const card = line(150, (second) => (second < 60 ? 100 : second >= 90 && second < calledS ? 100 : 900) * mib);
    const { device } = healthyArtifacts();
    const full = { ...device, treeBytes: card };
    const neighbour = [record(0, { startMs: calledS * 1000 })];
    const run = { stages, inFlight, rounds: noRounds, neighbour };
    const [, place] = [retention(held, { ...full, devices: [full] }, run)].flat();
    expect(place).toMatchObject({ place: 'virtual:0', floorBytes: floorMib * mib });
  });

  it('leaves out a device of which the target was never seen to hold anything', () => {
    const { device } = healthyArtifacts({ footprint: footprint(series([1])) });
    expect([retention(held, device, { stages, inFlight, rounds: noRounds, neighbour: [] })].flat()).toHaveLength(1);
  });
});
