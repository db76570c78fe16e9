import { describe, expect, it } from 'vitest';
import type { Finding } from '../../model/detector.ts';
import type { GateConstants } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import { summaryOf } from '../../testing/empty-result.ts';
import { gateInput, nightOf, pastNight, peakRuns, shippedConstants, soundResult } from '../../testing/gate-nights.ts';
import { decide } from './decide.ts';

const gib = 1024 ** 3;
const calm = Array.from({ length: 20 }, () => gib);
/** A night of one run that is sound but for this. */
function judged(over: Partial<RunResult>, constants: GateConstants = shippedConstants()): ReturnType<typeof decide> {
  const night = nightOf(0, [], { runs: [{ result: soundResult(over), constantStages: ['soak'] }] });
  return decide({ ...gateInput([], [], { constants }), night });
}
const stateOf = (decision: ReturnType<typeof decide>, rule: string): string =>
  decision.rows.find((row) => row.rule === rule)?.state ?? 'no row';

function finding(
  detector: string,
  verdict: Finding['verdict'],
  evidence: Record<string, number | string> = {},
): Finding {
  return {
    detector,
    verdict,
    title: '',
    summary: 'It was seen.',
    remedy: 'Mend it.',
    value: 1,
    threshold: 0,
    unit: '',
    stage: null,
    startedMs: null,
    evidence: { holder: null, ...evidence },
  };
}
const event = (kind: string, subject = 'front#1'): RunResult['events'][number] => ({
  tMs: 1,
  kind,
  subject,
  detail: '',
});
const memory = (over: Partial<RunResult['memory']>): RunResult['memory'] => ({ ...soundResult().memory, ...over });

describe('invariants', () => {
  it.each([
    { why: 'a kill', over: { events: [event('oom_kill')] }, rule: 'oom-kill', state: 'fail' },
    {
      why: 'a kill elsewhere on the host',
      over: { events: [event('oom_kill', 'host')] },
      rule: 'oom-kill',
      state: 'pass',
    },
    { why: 'a restart', over: { events: [event('restart')] }, rule: 'unannounced-restart', state: 'fail' },
    {
      why: 'the end of the target',
      over: { events: [event('target_gone')] },
      rule: 'unannounced-restart',
      state: 'fail',
    },
    {
      why: 'a worker that ended idle',
      over: { events: [event('process_gone')] },
      rule: 'unannounced-restart',
      state: 'pass',
    },
    {
      why: 'a reply of a device without memory',
      over: { requests: { ...summaryOf({}), errors: { device_out_of_memory: 2 } } },
      rule: 'out-of-memory-reply',
      state: 'fail',
    },
    {
      why: 'an answer to another request',
      over: { requests: { ...summaryOf({}), errors: { wrong_answer: 1 } } },
      rule: 'wrong-content',
      state: 'fail',
    },
    {
      why: 'an honest refusal',
      over: { requests: { ...summaryOf({}), errors: { http_503: 9 } } },
      rule: 'wrong-content',
      state: 'pass',
    },
    {
      why: 'a finding that fails',
      over: { findings: [finding('low-headroom', 'fail')] },
      rule: 'finding:low-headroom',
      state: 'fail',
    },
    {
      why: 'one that the profile made a warning',
      over: { findings: [finding('low-headroom', 'warn')] },
      rule: 'finding:low-headroom',
      state: 'warn',
    },
    {
      why: 'one that is well',
      over: { findings: [finding('low-headroom', 'ok')] },
      rule: 'finding:low-headroom',
      state: 'no row',
    },
  ])('$why: $state', ({ over, rule, state }) => {
    expect(stateOf(judged(over), rule)).toBe(state);
  });

  it.each([
    { why: 'nothing happened', events: [], says: 'The target was not started anew and did not end.' },
    {
      why: 'a process was killed',
      events: [event('oom_kill')],
      says: 'Nothing of the target ended or was started anew, but for what was killed for memory.',
    },
  ])('says of restarts only what is true where $why', ({ events, says }) => {
    expect(judged({ events }).rows.find(({ rule }) => rule === 'unannounced-restart')).toMatchObject({
      state: 'pass',
      sentence: says,
    });
  });

  it('tells a finding in the unit of its detector', () => {
    const low = { ...finding('low-headroom', 'fail'), unit: 'ratio', value: 0.999986311870346 };
    const restart = { ...finding('process-restart', 'fail'), unit: 'processes', value: 2 };
    const { rows } = judged({ findings: [low, restart] });
    expect(rows.find(({ rule }) => rule === 'finding:low-headroom')?.unit).toBe('ratio');
    expect(rows.find(({ rule }) => rule === 'finding:process-restart')?.unit).toBeNull();
  });

  it.each([
    { why: 'measured wrongly', over: { validity: { state: 'invalid', reasons: ['It was late.'] } } as const },
    { why: 'aborted', over: { status: 'aborted' } as const },
    { why: 'a detector threw', over: { runtimeErrors: [{ where: 'x', stack: 'y' }] } },
  ])('lets an invalid run decide alone: $why', ({ over }) => {
    const decision = judged({ ...over, events: [event('oom_kill')] });
    expect(decision.state).toBe('invalid');
    expect(decision.rows.map(({ rule }) => rule)).toEqual(['valid-run']);
    expect(decision.sentence).not.toContain('..');
  });

  it('takes a run that the guard stopped as valid', () => {
    expect(judged({ status: 'stopped' }).state).not.toBe('invalid');
  });
});

describe('absolute limits', () => {
  it.each([
    { why: 'well below', peak: 0.79, state: 'pass' },
    { why: 'at the warning', peak: 0.8, state: 'warn' },
    { why: 'just below the end', peak: 0.899, state: 'warn' },
    { why: 'at the end', peak: 0.9, state: 'fail' },
  ])('a peak $why: $state', ({ peak, state }) => {
    expect(stateOf(judged({ memory: memory({ peakBytes: peak * gib, limitBytes: gib }) }), 'peak-share')).toBe(state);
  });

  it('does not judge the peak of a search, which climbs there on purpose', () => {
    const search = { kneeVus: null, lastGoodVus: 12, firstBrokenVus: 16, why: '', steps: [] };
    const { rows, notJudged } = judged({ search, memory: memory({ peakBytes: 0.99 * gib, limitBytes: gib }) });
    expect(rows.map(({ rule }) => rule)).not.toContain('peak-share');
    expect(notJudged.find(({ rule }) => rule === 'peak-share')?.why).toMatch(/on purpose/);
  });

  it('judges the worst of the repeats and not their median', () => {
    const runs = peakRuns([0.5 * gib, 0.5 * gib, 0.95 * gib], 'worst').map(({ result }) => ({
      result: { ...result, memory: { ...result.memory, limitBytes: gib } },
      constantStages: [],
    }));
    expect(stateOf(decide({ ...gateInput([], []), night: nightOf(0, [], { runs }) }), 'peak-share')).toBe('fail');
  });

  it('says that nothing was judged where no limit is known', () => {
    const { notJudged } = judged({ memory: memory({ peakBytes: gib }) });
    expect(notJudged.map(({ rule }) => rule)).toEqual(['peak-share', 'leak-hours']);
  });

  it.each([
    { why: 'kept', slo: { metric: 'error-ratio', max: 0.5 }, state: 'pass' },
    { why: 'broken', slo: { metric: 'error-ratio', max: 0.2 }, state: 'fail' },
    {
      why: 'of a stage that is not there',
      slo: { metric: 'error-ratio', stage: 'none', max: 0.2 },
      state: 'inconclusive',
    },
    { why: 'a lower bound', slo: { metric: 'throughput', stage: 'soak', min: 3 }, state: 'fail' },
    { why: 'a latency', slo: { metric: 'p95-latency', max: 500 }, state: 'pass' },
  ])('a bound that is configured, $why: $state', ({ slo, state }) => {
    const shipped = shippedConstants();
    const constants = { ...shipped, absolute: { ...shipped.absolute, slos: [slo] } };
    const stages = [stage('soak', 0, 1000, summaryOf({ ok: 6, http_error: 2, timeout: 1, dropped: 9 }, 400))];
    expect(stateOf(judged({ stages }, constants), `slo:${slo.metric}`)).toBe(state);
  });
});

function stage(name: string, startMs: number, endMs: number, requests = summaryOf({})): RunResult['stages'][number] {
  return {
    name,
    kind: 'load',
    startMs,
    endMs,
    offeredPerSecond: 2,
    achievedPerSecond: 2,
    loadModel: 'open',
    rates: [],
    requests,
    memory: { peakBytes: null, endBytes: null, peakHolder: null },
  };
}

describe('hours to the limit', () => {
  const minute = 60_000;
  /** A soak of so many minutes, sampled so often, that rises by so many MiB an hour. */
  function soak(minutes: number, samples: number, mibPerHour: number): Partial<RunResult> {
    const tMs = Array.from({ length: samples }, (_, index) => (index / (samples - 1)) * minutes * minute);
    const values = tMs.map(
      (t, index) => 512 * 1024 ** 2 + (t / (60 * minute)) * mibPerHour * 1024 ** 2 + (index % 3) * 1000,
    );
    return {
      stages: [stage('soak', 0, minutes * minute)],
      series: { footprint: { tMs, values } },
      memory: memory({ limitBytes: gib, peakBytes: null }),
    };
  }

  it.each([
    { why: 'no rise', run: soak(60, 100, 0), state: 'pass' },
    { why: 'falling', run: soak(60, 100, -50), state: 'pass' },
    { why: 'full within a day', run: soak(60, 100, 30), state: 'fail' },
    { why: 'full within two weeks', run: soak(60, 100, 3), state: 'warn' },
    { why: 'full in a month', run: soak(60, 100, 0.6), state: 'pass' },
    { why: 'too few samples', run: soak(60, 40, 30), state: 'inconclusive' },
    { why: 'too short to say', run: soak(9, 100, 30), state: 'no row' },
  ])('$why: $state', ({ run, state }) => {
    expect(stateOf(judged(run), 'leak-hours')).toBe(state);
  });

  it('does not ask it of a load that rises itself', () => {
    const night = nightOf(0, [], { runs: [{ result: soundResult(soak(60, 100, 30)), constantStages: [] }] });
    expect(stateOf(decide({ ...gateInput([], []), night }), 'leak-hours')).toBe('no row');
  });

  it.each([
    { why: 'growing', verdict: 'warn', state: 'fail' },
    { why: 'settled', verdict: 'ok', state: 'no row' },
  ] as const)('takes what equal rounds leave behind, where they are $why: $state', ({ verdict, state }) => {
    const grown = finding('growth-with-load', verdict, {
      metric: 'footprint',
      lowerBytesPerRound: 1e6,
      upperBytesPerRound: 2e6,
    });
    const stages = [0, 1, 2, 3].map((round) => stage(`round-${round}`, round * minute, round * minute + 1000));
    const decision = judged({ findings: [grown], stages, memory: memory({ limitBytes: gib, floorBytes: gib / 2 }) });
    expect(stateOf(decision, 'leak-hours')).toBe(state);
  });
});

describe('the decision', () => {
  it('is comparable to nothing where the profile was only measured elsewhere, and says in what', () => {
    const other = pastNight(0, gib, {
      series: 'nightly-other',
      comparability: { must: { ...nightOf(0, []).comparability.must, processor: 'an older one' }, warn: {} },
    });
    const decision = decide({ ...gateInput([], [gib]), others: [other] });
    expect(decision.state).toBe('not-comparable');
    expect(decision.sentence).toContain('processor: an older one before, not read now');
    expect(decision.differences).toContainEqual({
      class: 'must',
      field: 'processor',
      baseline: 'an older one',
      candidate: null,
    });
  });

  it('still fails by what needs no history where nothing is comparable', () => {
    const other = pastNight(0, gib, { series: 'nightly-other', comparability: { must: { project: 'x' }, warn: {} } });
    const night = nightOf(0, [], {
      runs: [{ result: soundResult({ events: [event('oom_kill')] }), constantStages: [] }],
    });
    expect(decide({ ...gateInput([], []), night, others: [other] }).state).toBe('fail');
  });

  it('tells of an environment that changed, of repeats that differ, and of a clock that went back', () => {
    const input = gateInput(calm, [gib, 1.2 * gib, gib]);
    const night = {
      ...input.night,
      at: '2020-01-01T00:00:00.000Z',
      comparability: { ...input.night.comparability, warn: { node: 'v99' } },
    };
    const told = decide({ ...input, night }).notices.join('\n');
    expect(told).toContain('The environment changed: node was not read, is v99.');
    expect(told).toContain('Repeats differ much (peak-memory 20 %)');
    expect(told).toContain('nights are taken in the order of the file');
  });

  it('says of an empty history that it begins', () => {
    const decision = decide(gateInput([], [gib, gib, gib]));
    expect(decision.state).toBe('calibrating');
    expect(decision.notices).toEqual(['The history of this series is empty: this is its first session.']);
  });

  it('expects half a false red a year for each metric that gates', () => {
    expect(decide(gateInput([], [gib])).expectedFalseRedsPerYear).toBeCloseTo(0.4745, 4);
  });
});
