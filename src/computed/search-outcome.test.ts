import { describe, expect, it } from 'vitest';
import type { SearchStep } from '../model/search.ts';
import { event, profile, record, stage } from '../testing/build.ts';
import { rises, searchOutcome } from './search-outcome.ts';
import { searchSteps, stepDetail, stepFigures, withSearchStages } from './search-steps.ts';

const search = { fromVus: 1, toVus: 16, factor: 2, stepMs: 10_000, lullMs: 500, p95Ms: null, errorRatio: 0.01 };
const searching = profile({ search });

function step(vus: number, verdict: SearchStep['verdict'], achievedPerSecond: number | null): SearchStep {
  const rest = { planHash: 'ab', startMs: 0, endMs: 1, answered: 1, p95Ms: 1, errorRatio: 0 };
  return { ...rest, name: `step-${vus}`, vus, verdict, achievedPerSecond, why: verdict === 'broke' ? 'too slow' : '' };
}

describe('what a search came to', () => {
  it.each([
    [
      'nothing for a search without a step',
      [],
      { lastGoodVus: null, firstBrokenVus: null, kneeVus: null, why: 'no step came to its end' },
    ],
    [
      'its last good and first broken step, in whatever order they were run',
      [step(4, 'kept', 4), step(16, 'broke', 16), step(8, 'kept', 8), step(12, 'broke', 12)],
      { lastGoodVus: 8, firstBrokenVus: 12, kneeVus: null, why: '12 at once: too slow' },
    ],
    [
      'the knee, also where another bound broke later',
      [step(2, 'kept', 2), step(4, 'kept', 4), step(8, 'broke', 4.1)],
      { lastGoodVus: 4, firstBrokenVus: 8, kneeVus: 4 },
    ],
    [
      'no knee from a step in which the load was stopped',
      [step(4, 'kept', 4), step(8, 'stopped', 0.1)],
      { lastGoodVus: 4, firstBrokenVus: 8, kneeVus: null },
    ],
    [
      'the end of the search where nothing broke',
      [step(8, 'kept', 8), step(16, 'kept', 16)],
      { lastGoodVus: 16, firstBrokenVus: null, why: 'nothing broke up to 16 at once, where the search ends' },
    ],
    [
      'a run that ended before its search',
      [step(4, 'kept', 4), step(8, 'unfinished', null)],
      { lastGoodVus: 4, why: 'the run ended before the search did, after 4 at once' },
    ],
    [
      'nothing that was kept above what broke',
      [step(8, 'kept', 8), step(4, 'broke', 4)],
      { lastGoodVus: null, firstBrokenVus: 4 },
    ],
  ])('is %s', (_why, steps, expected) => {
    expect(searchOutcome(searching, steps)).toMatchObject(expected);
  });

  const again = (of: SearchStep, verdict: SearchStep['verdict'], why = ''): SearchStep => ({
    ...of,
    name: `${of.name}-again`,
    repeats: of.name,
    verdict,
    why,
  });
  const read = (vus: number, verdict: SearchStep['verdict']): SearchStep => ({
    ...step(vus, verdict, vus),
    peakBytes: 1,
  });
  const [four, eight] = [read(4, 'kept'), read(8, 'kept')];
  const stopped = { ...read(16, 'stopped'), why: 'at 90 %; the search ended there, since memory stayed at 1.89 GiB' };
  it.each([
    {
      why: 'it held again',
      steps: [four, eight, again(eight, 'kept')],
      is: { confirmedVus: 8, unconfirmedWhy: null, isCumulative: false },
    },
    {
      why: 'memory rose each time',
      steps: [eight, ...[1, 2, 3].map(() => again(eight, 'broke', 'memory rose: by far'))],
      is: {
        confirmedVus: null,
        unconfirmedWhy: '8 at once were repeated 3 times, and memory rose: by far',
        isCumulative: true,
      },
    },
    {
      why: 'the guard stopped it the second time',
      steps: [eight, again(eight, 'stopped', 'memory is at 90 %')],
      is: {
        confirmedVus: null,
        unconfirmedWhy: 'when 8 at once were repeated, memory is at 90 %',
        isCumulative: true,
      },
    },
    {
      why: 'it was too slow the second time',
      steps: [eight, again(eight, 'broke', 'the p95 is 9 s')],
      is: {
        confirmedVus: null,
        unconfirmedWhy: '8 at once were repeated once, and at last the p95 is 9 s',
        isCumulative: false,
      },
    },
    {
      why: 'memory stayed near the limit',
      steps: [four, eight, stopped],
      is: {
        confirmedVus: null,
        unconfirmedWhy: '8 at once were not repeated: memory stayed at 1.89 GiB',
        isCumulative: false,
      },
    },
    {
      why: 'a smaller number was confirmed before the last step',
      steps: [four, again(four, 'kept'), eight, stopped],
      is: { confirmedVus: 4, lastGoodVus: 8, isCumulative: false },
    },
    {
      why: 'the run ended while it was repeated',
      steps: [eight, again(eight, 'unfinished')],
      is: { confirmedVus: null, unconfirmedWhy: 'the run ended while 8 at once were repeated' },
    },
    {
      why: 'memory was not read',
      steps: [step(8, 'kept', 8), again(step(8, 'kept', 8), 'kept')],
      is: { confirmedVus: null, unconfirmedWhy: 'memory was not read' },
    },
    { why: 'nothing was kept', steps: [read(1, 'broke')], is: { confirmedVus: null, unconfirmedWhy: null } },
  ])('calls a number safe only if a repeat confirmed it: $why', ({ steps, is }) => {
    expect(searchOutcome(searching, steps)).toMatchObject(is);
  });

  it('believes what the pauses say only where no number held again', () => {
    const pauses = { cumulativeWhy: 'it stood higher each time' };
    expect(searchOutcome(searching, [eight, stopped], pauses)).toMatchObject({
      isCumulative: true,
      unconfirmedWhy: expect.stringContaining('it stood higher each time; 8 at once were not repeated') as string,
    });
    expect(searchOutcome(searching, [eight, again(eight, 'kept')], pauses)).toMatchObject({
      confirmedVus: 8,
      isCumulative: false,
    });
  });

  it('is null for a profile without a search', () => {
    expect(searchOutcome(profile(), [])).toBeNull();
  });

  it.each([
    ['10 % more is a rise', 10, 11, 2, true],
    ['less is none', 10, 10.9, 2, false],
    ['half of a small rise in VUs is enough', 10, 10.6, 1.1, true],
    ['what is not known is not held against a step', null, 1, 2, true],
  ])('%s', (_why, before, after, factor, expected) => {
    expect(rises({ vus: 10, achievedPerSecond: before }, { vus: 10 * factor, achievedPerSecond: after })).toBe(
      expected,
    );
  });
});

describe('the figures of a step', () => {
  const of = (slot: number, plannedMs: number, endMs: number, over = {}) =>
    record(plannedMs + slot, { stage: 'step-1', slot, plannedMs, endMs, ...over });

  it('add up the rates of its slots, each over its own time', () => {
    // Slot 0: two answers in 4 s. Slot 1: one in 5 s, after a failure.
    const records = [of(0, 0, 2000), of(0, 2000, 4000), of(1, 0, 1000, { outcome: 'timeout' }), of(1, 1000, 5000)];
    const { achievedPerSecond, ...rest } = stepFigures(records);
    expect(achievedPerSecond).toBeCloseTo(2 / 4 + 1 / 5);
    expect(rest).toEqual({ answered: 3, p95Ms: 4000, errorRatio: 0.25 });
  });

  it('are not known where nothing ended', () => {
    const open = of(0, 0, 9000, { outcome: 'in_flight_at_end' });
    expect(stepFigures([])).toEqual({ answered: 0, achievedPerSecond: null, p95Ms: null, errorRatio: null });
    expect(stepFigures([open])).toMatchObject({ answered: 0, p95Ms: null, errorRatio: null });
  });
});

describe('the steps of a run', () => {
  const events = [
    event(100, 'search_step', {
      subject: 'step-1',
      stage: 'step-1',
      detail: stepDetail({ vus: 4, repeats: null }, 'abc'),
    }),
    event(101, 'stage_start', { subject: 'step-1', stage: 'step-1', detail: 'load' }),
    event(900, 'stage_end', { subject: 'step-1', stage: 'step-1' }),
    event(950, 'search_verdict', { subject: 'step-1', stage: 'step-1', detail: 'broke: the p95 is 3 s: too long' }),
    event(960, 'search_step', {
      subject: 'step-2',
      stage: 'step-2',
      detail: stepDetail({ vus: 2, repeats: 'step-1' }, 'abd'),
    }),
  ];

  it('are told by its events, and one that did not end is not judged', () => {
    expect(searchSteps([], events)).toMatchObject([
      {
        name: 'step-1',
        vus: 4,
        planHash: 'abc',
        startMs: 100,
        endMs: 900,
        verdict: 'broke',
        why: 'the p95 is 3 s: too long',
      },
      {
        name: 'step-2',
        vus: 2,
        repeats: 'step-1',
        planHash: 'abd',
        startMs: 960,
        endMs: null,
        verdict: 'unfinished',
        why: '',
      },
    ]);
  });

  it('are stages of it, each with its lull', () => {
    expect(
      withSearchStages(searching, events).stages.map(({ name, kind, durationMs }) => [name, kind, durationMs]),
    ).toEqual([
      ...searching.stages.map(({ name, kind, durationMs }) => [name, kind, durationMs]),
      ['step-1', 'load', 10_000],
      ['step-1-lull', 'lull', 500],
      ['step-2', 'load', 10_000],
      ['step-2-lull', 'lull', 500],
    ]);
    expect(withSearchStages(profile(), events).stages).toEqual(profile().stages);
  });

  it('wait as long as the longest request before them', () => {
    const stages = [
      { ...stage('base', 'idle', 1000), timeoutMs: 99_000 },
      { ...stage('load', 'load', 1000), timeoutMs: 9000 },
    ];
    const added = withSearchStages({ ...searching, stages }, events).stages.at(-2);
    expect(added).toMatchObject({ timeoutMs: 9000, load: { executor: 'constant-vus', vus: 2 } });
  });

  it('are none where an event is not to be read', () => {
    expect(searchSteps([], [event(1, 'search_step', { subject: 'step-x', detail: 'vus=4 plan=a' })])).toEqual([]);
    expect(searchSteps([], [event(1, 'search_step', { subject: 'step-1', detail: 'four' })])).toEqual([]);
  });
});
