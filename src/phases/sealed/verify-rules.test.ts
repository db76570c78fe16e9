import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import type { RunEvent } from '../../model/artifacts.ts';
import { measurementVersion, type RunResult } from '../../model/result.ts';
import { readResult } from '../../store/run-folder.ts';
import { event, profile, record, stage } from '../../testing/build.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { type RunContent, removeScratch, scratchFolder, writeSealedRun } from '../../testing/run-folder.ts';
import type { RuleAnswer } from './verify-faults.ts';
import { verifyRun } from './verify-run.ts';

afterEach(removeScratch);

async function answers(content: RunContent, change: (result: RunResult) => unknown = () => null) {
  const folder = await writeSealedRun(scratchFolder(), content);
  const changed = change(readResult(folder));
  if (changed !== null) {
    writeFileSync(folder.result, JSON.stringify(changed));
  }
  return (await verifyRun(folder, [])).rules;
}

const ofClause = (rules: readonly RuleAnswer[], clause: string): RuleAnswer[] =>
  rules.filter((rule) => rule.clause === clause);
const brokenOf = (rules: readonly RuleAnswer[]): string[] =>
  rules.flatMap(({ clause, state, sentences }) =>
    state === 'broken' ? sentences.map((sentence) => `${clause} ${sentence}`) : [],
  );

const ofStage = (tMs: number, kind: RunEvent['kind'], name: string): RunEvent =>
  event(tMs, kind, { stage: name, subject: name });

/** The stages of `profile()` as they should have been run. */
const run: readonly RunEvent[] = [
  event(0, 'run_start'),
  ofStage(0, 'stage_start', 'base'),
  ofStage(30_000, 'stage_end', 'base'),
  ofStage(30_000, 'stage_start', 'load'),
  ofStage(90_000, 'stage_end', 'load'),
  ofStage(90_000, 'stage_start', 'after'),
  ofStage(150_000, 'stage_end', 'after'),
  event(150_000, 'run_end'),
];

const isOf = (name: string, kind: RunEvent['kind']) => (one: RunEvent) => one.subject === name && one.kind === kind;
const without = (name: string): readonly RunEvent[] => run.filter(({ subject }) => subject !== name);

describe('the stages of a run', () => {
  it('hold where each began after the one before, or is listed as skipped', async () => {
    const events = [...without('after'), ofStage(90_000, 'stage_skipped', 'after')];
    for (const told of [run, events]) {
      const rules = await answers({ events: told });
      expect(brokenOf(rules)).toEqual([]);
      expect(['18.1', '5.5', '3.2'].flatMap((clause) => ofClause(rules, clause)).map(({ state }) => state)).toEqual([
        'holds',
        'holds',
        'holds',
      ]);
    }
  });

  it.each([
    {
      why: 'two at once',
      events: run.map((one) => (isOf('load', 'stage_start')(one) ? { ...one, tMs: 20_000 } : one)),
      found: '18.1 Stage "load" began at 20000, before "base" ended at 30000.',
    },
    {
      why: 'one in front of its turn',
      events: run.map((one) => ({
        ...one,
        tMs: one.subject === 'after' ? one.tMs - 90_000 : one.subject === '' ? one.tMs : one.tMs + 60_000,
      })),
      found: '18.1 Stage "after" began at 0, before "load" ended at 150000.',
    },
    {
      why: 'one twice',
      events: [...run.slice(0, -1), ofStage(150_000, 'stage_start', 'load'), event(150_000, 'run_end')],
      found: '18.1 events.csv row 8: stage "load" began a second time.',
    },
    {
      why: 'one that is not told of',
      events: without('after'),
      found: '5.5 Stage "after" is not told of.',
    },
    {
      why: 'one that was run and skipped',
      events: [...run.slice(0, -1), ofStage(150_000, 'stage_skipped', 'after'), event(150_000, 'run_end')],
      found: '5.5 Stage "after" began, and was skipped.',
    },
  ])('break a rule: $why', async ({ events, found }) => {
    expect(brokenOf(await answers({ events }))).toContain(found);
  });

  it('are not judged where none began', async () => {
    const rules = await answers({});
    expect(ofClause(rules, '18.1')).toMatchObject([{ state: 'not-checked', sentences: ['No stage began.'] }]);
  });
});

describe('a rate that was taken from a stage', () => {
  const multiple = profile({
    stages: [
      stage('base', 'load', 30_000),
      {
        ...stage('load', 'load', 60_000),
        load: {
          executor: 'constant-arrival-rate',
          rate: { times: 1.2, of: 'base', unit: 'requests' },
          arrivals: 'uniform',
          maxInFlight: 4,
        },
      },
      stage('after', 'silence', 60_000),
    ],
  });
  const resolved = (detail: string | null): readonly RunEvent[] =>
    detail === null ? run : [...run, event(30_000, 'rate_resolved', { stage: 'load', subject: 'rate', detail })];

  it.each([
    { why: 'two digits', detail: '3.6', found: [] },
    {
      why: 'three digits',
      detail: '3.61',
      found: ['3.2 Stage "load": rate was resolved to 3.61, not to two significant digits.'],
    },
    {
      why: 'no event',
      detail: null,
      found: ['3.2 Stage "load": rate is a multiple of what "base" achieved, and no rate is recorded.'],
    },
  ])('is held to two digits and its event: $why', async ({ detail, found }) => {
    expect(brokenOf(await answers({ events: resolved(detail), manifest: { profile: multiple } }))).toEqual(found);
  });
});

describe('a stage of silence', () => {
  const health = (tMs: number): NonNullable<RunContent['samples']> => [
    [90_000, 'after', 'host-memory', 'host', 'host', 'mem_total_bytes', 1024, 'ok'],
    [tMs, 'after', 'health-rtt', 'target', 'health', 'health_ok', 1, 'ok'],
  ];

  it.each([
    { why: 'the answer to a question of before it', samples: health(93_900), found: [] },
    {
      why: 'a question of its own',
      samples: health(94_100),
      found: ['3.1 samples.csv row 2: health_ok in "after", 4100 ms after it began.'],
    },
  ])('may hold $why, or not', async ({ samples, found }) => {
    expect(brokenOf(await answers({ samples }))).toEqual(found);
  });

  it('is not held against samples of another clock', async () => {
    const { measured } = manifest();
    const clock = { offsetMs: 0, driftPpm: 0, uncertaintyMs: 1, exchanges: 9 };
    const content = { samples: health(99_000), manifest: { measured: measured && { ...measured, planned: 3, clock } } };
    expect(brokenOf(await answers(content))).toEqual([]);
  });
});

describe('what else cannot have been', () => {
  it.each([
    {
      why: 'a retry of a request that was answered',
      content: { records: [record(1), record(2, { attempt: 2, retryOf: 1 })] },
      found: '3.5 requests.csv row 2: its first attempt 1 was not let go.',
    },
    {
      why: 'a stop without a cause',
      content: { manifest: { status: 'stopped' } },
      found: '8.5 The status is stopped, and nothing says why.',
    },
  ] as { why: string; content: RunContent; found: string }[])('is told: $why', async ({ content, found }) => {
    expect(brokenOf(await answers(content))).toContain(found);
  });

  it('is no retry of a request that was let go', async () => {
    const cancelled = record(1, { outcome: 'cancelled', errorCode: 'abandoned' });
    expect(brokenOf(await answers({ records: [cancelled, record(2, { attempt: 2, retryOf: 1 })] }))).toEqual([]);
  });

  it.each([
    { steppedMs: 999, state: 'holds', says: [] },
    { steppedMs: -1000, state: 'noted', says: ['The wall clock lost 1.0 s.'] },
    { steppedMs: 90_000, state: 'noted', says: ['The wall clock gained 1 min 30 s.'] },
  ])('is a clock that stepped by $steppedMs ms: $state', async ({ steppedMs, state, says }) => {
    const { measured } = manifest();
    const rules = await answers({
      manifest: { measured: measured && { ...measured, planned: 3, clockStepMs: steppedMs } },
    });
    expect(ofClause(rules, '6.2')).toMatchObject([{ state, sentences: says }]);
  });
});

describe('a result', () => {
  const present = { manifest: { measurementVersion } };
  const finding = (verdict: string): unknown => ({
    detector: 'low-headroom',
    verdict,
    title: '',
    summary: '',
    remedy: '',
    value: null,
    threshold: null,
    unit: '',
    stage: null,
    startedMs: null,
    evidence: { holder: null },
  });

  it('is sound as it was derived', async () => {
    const rules = await answers(present);
    expect(brokenOf(rules)).toEqual([]);
    expect(ofClause(rules, '20.4')).toMatchObject([{ state: 'holds' }]);
  });

  it.each([
    {
      why: 'a number was typed',
      change: (result: RunResult) => ({ ...result, memory: { ...result.memory, peakBytes: 5 } }),
      found: '20.4 memory.peakBytes is 5, its tables give null. Make it anew: bench analyze RUN.',
    },
    {
      why: 'a finding was added',
      change: (result: RunResult) => ({ ...result, findings: [finding('ok')] }),
      found: '20.4 findings.low-headroom is there, its tables give not there. Make it anew: bench analyze RUN.',
    },
    {
      why: 'it is invalid without a reason',
      change: (result: RunResult) => ({ ...result, validity: { state: 'invalid', reasons: [] } }),
      found: '6.1 result.json says invalid with 0 reasons.',
    },
  ])('is not sound where $why', async ({ change, found }) => {
    expect(brokenOf(await answers(present, change))).toContain(found);
  });

  it('may be put in other words', async () => {
    const rules = await answers(present, (result) => ({ ...result, command: 'bench run it' }));
    expect(brokenOf(rules)).toEqual([]);
  });

  it('of another version of measuring is not compared', async () => {
    const rules = await answers({ manifest: { measurementVersion: 'before 1' } });
    expect(ofClause(rules, '20.4')).toMatchObject([{ state: 'not-checked' }]);
  });

  it.each([
    { threshold: 'warn', verdict: 'fail', isBroken: true },
    { threshold: 'warn', verdict: 'warn', isBroken: false },
    { threshold: 'off', verdict: 'ok', isBroken: true },
    { threshold: 'off', verdict: 'not-applicable', isBroken: false },
    { threshold: 'fail', verdict: 'fail', isBroken: false },
  ] as const)(
    'that says $verdict of what the profile sets to $threshold is broken: $isBroken',
    async ({ threshold, verdict, isBroken }) => {
      const weakened = { profile: profile({ thresholds: { 'low-headroom': threshold } }) };
      const folder = await writeSealedRun(scratchFolder(), { manifest: weakened });
      const text = readFileSync(folder.result, 'utf8');
      writeFileSync(folder.result, text.replace('"findings":[]', `"findings":[${JSON.stringify(finding(verdict))}]`));
      const { rules } = await verifyRun(folder, detectors);
      expect(ofClause(rules, '7.4').map(({ state }) => state)).toEqual([isBroken ? 'broken' : 'holds']);
    },
  );
});

describe('what a publication should say of a run', () => {
  it('is noted where it is not known, and breaks nothing', async () => {
    const rules = await answers({ events: run, manifest: { profile: profile({ scale: 0.1 }), protocol: null } });
    expect(brokenOf(rules)).toEqual([]);
    expect(ofClause(rules, '20.5')).toMatchObject([
      {
        state: 'noted',
        sentences: [
          'The run is invalid, so that it has no verdict to quote (20.3).',
          'Its scale is 0.1, and should be 1 (16.3).',
          'It does not name the text of the rules that it was made under (13.1).',
          'The server ran before: say what it had done (15.1).',
          'Nothing names the server: --subject-version, --subject-commit, --subject-image.',
          'Fewer than 90 answers, too few for p95 (16.2): load.',
        ],
      },
    ]);
  });
});
