import { describe, expect, it } from 'vitest';
import type { Artifacts, StageWindow } from '../model/artifacts.ts';
import { event, line, record, series, stageWindowsOf } from '../testing/build.ts';
import { artifactsOfRounds, planRounds, totalOf } from '../testing/rounds-run.ts';
import { floorsOf, stagedRounds } from './leak.ts';
import { floorIn, rounds } from './rounds.ts';

const plan = planRounds({ first: 8, fresh: 8, inputs: 6 });
const levels = totalOf(plan, ({ round, isLoad }) => (isLoad ? 900 : 100 + round));

function familiesOf(over: Partial<Parameters<typeof rounds>[0]>): Artifacts['rounds'] {
  const { stages, inFlight, records } = plan;
  return rounds({ stages, inFlight, records, processes: [], events: [], metrics: new Map(), ...over });
}

describe('rounds', () => {
  it('are told apart by name and by inputs; the warm-up of the same load is round 0', () => {
    expect(familiesOf({}).families.map((one) => [one.name, one.hasNewInputs, one.warmup, one.rounds.length])).toEqual([
      ['round', false, null, 8],
      ['confirm', false, null, 8],
      ['inputs', true, null, 6],
    ]);
  });

  it('drop the first one where no equal load came before', () => {
    const stages = plan.stages.filter(({ kind }) => kind !== 'warmup');
    expect(familiesOf({ stages }).families[0]).toMatchObject({ warmup: { stage: 'round-1' }, rounds: { length: 7 } });
  });

  it('have floors of the quiet time, never of the load', () => {
    const { rounds: found } = artifactsOfRounds(plan, { total: levels });
    const floors = floorsOf(found.families[0]?.rounds ?? [], 'footprint').map(({ value }) => value / 1024 ** 2);
    // Round 0 is the first load, so that the first judged one is the second.
    expect(floors).toEqual([102, 103, 104, 105, 106, 107, 108, 109]);
  });

  it('are fresh when they come later, with the same load', () => {
    const staged = stagedRounds(familiesOf({}), false);
    expect(staged?.first.map(({ stage }) => stage)[0]).toBe('round-1');
    expect(staged?.fresh.map(({ stage }) => stage)[0]).toBe('confirm-1');
  });

  it('halve themselves where there are enough for both', () => {
    const { stages, inFlight, records } = planRounds({ first: 13, fresh: 0, inputs: 0 });
    const staged = stagedRounds(familiesOf({ stages, inFlight, records }), false);
    expect([staged?.first.length, staged?.fresh.length]).toEqual([7, 6]);
  });

  it.each([
    { why: 'there are none', stages: [] },
    { why: 'a ladder has no equal loads', stages: ladder() },
    { why: 'one load has no second', stages: stageWindowsOf([['load', 'load', 5]]) },
  ])('are none when $why', ({ stages }) => {
    expect(familiesOf({ stages }).families).toEqual([]);
  });

  it.each([
    { why: 'a kill after the load of round 2 loses it, and round 3 fills pools', atMs: 57_000, from: 'round-4' },
    { why: 'a kill just before round 2 makes it the first one again', atMs: 49_999, from: 'round-3' },
    { why: 'a kill in the warm-up loses round 1', atMs: 22_000, from: 'round-2' },
  ])('begin again after a restart: $why', ({ atMs, from }) => {
    const found = familiesOf({ events: [event(atMs, 'oom_kill', { subject: 'target' })] });
    expect(found.restartsMs).toEqual([atMs]);
    expect(found.families[0]?.rounds[0]?.stage).toBe(from);
    expect(found.families[0]?.rounds.at(-1)?.stage).toBe('round-8');
  });

  it('go on over a kill of somebody else', () => {
    const found = familiesOf({ events: [event(60_000, 'oom_kill', { subject: 'host' })] });
    expect(found.families[0]?.rounds).toHaveLength(8);
  });

  it('have no floor while a request is never answered', () => {
    const inFlight = series([1]);
    expect(familiesOf({ inFlight }).families[0]?.rounds[0]?.floorWindow).toBeNull();
  });

  it('repeat inputs that any earlier load sent', () => {
    const records = plan.stages
      .filter(({ kind }) => kind === 'load')
      .map(({ name, startMs }, seq) => record(seq, { stage: name, plannedMs: startMs, itemId: `item-${seq % 8}` }));
    expect(familiesOf({ records }).families.map((one) => one.hasNewInputs)).toEqual([true, false, false]);
  });
});

describe('a floor', () => {
  it.each([
    { why: 'only the later half counts', values: [900, 900, 900, 900, 900, 900, 5, 5, 5, 5, 5, 5], floor: 5 },
    { why: 'six samples are enough', values: [1, 2, 3, 4, 5, 6], floor: 3.5 },
    { why: 'five are not', values: [1, 2, 3, 4, 5], floor: null },
    { why: 'one is not', values: [7], floor: null },
    { why: 'gaps are no samples', values: [1, null, null, null, 2, 3, 4, 5, 6, null], floor: 3.5 },
    { why: 'all gaps', values: [null, null, null, null, null, null, null], floor: null },
  ])('is $floor when $why', ({ values, floor }) => {
    expect(floorIn(series(values), { fromMs: 0, toMs: values.length * 1000 })).toBe(floor);
  });

  it('is not taken from a quiet time beside it', () => {
    expect(
      floorIn(
        line(60, (second) => second),
        { fromMs: 20_000, toMs: 32_000 },
      ),
    ).toBe(28.5);
  });
});

function ladder(): StageWindow[] {
  return stageWindowsOf([
    ['vus-1', 'load', 5],
    ['lull-1', 'lull', 10],
    ['vus-2', 'load', 5],
    ['lull-2', 'lull', 10],
  ]).map((window, index) => ({
    ...window,
    stage: {
      ...window.stage,
      load: window.kind === 'load' ? { executor: 'constant-vus', vus: index + 1, thinkMs: 0 } : null,
    },
  }));
}
