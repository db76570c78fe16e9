import { describe, expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import type { Series } from '../../model/artifacts.ts';
import { defineDetector, type Finding, type Verdict } from '../../model/detector.ts';
import type { GatheredRun } from '../../model/samples.ts';
import { event, line, mib, profile, record, sampleTable, series, stage } from '../../testing/build.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { summaryOf } from '../../testing/empty-result.ts';
import { analyze, overallVerdict } from './analyze.ts';

const ended = (over: Partial<Parameters<typeof overallVerdict>[2]> = {}): Parameters<typeof overallVerdict>[2] => ({
  status: 'completed',
  requests: summaryOf({ ok: 1 }),
  search: null,
  ...over,
});

const stageEvents = (stages: readonly (readonly [string, number, number])[]) =>
  stages.flatMap(([stage, startMs, endMs]) => [
    event(startMs, 'stage_start', { stage, subject: stage }),
    event(endMs, 'stage_end', { stage, subject: stage }),
  ]);

const memory = (value: (second: number) => number): Record<string, Series> => ({
  'tree/tree/rss_anon_bytes': line(150, (second) => value(second) * mib),
  'tree/tree/rss_bytes': line(150, (second) => (value(second) + 40) * mib),
  'process/front#1/rss_anon_bytes': line(150, (second) => value(second) * mib),
  'host/host/mem_total_bytes': line(150, () => 8192 * mib),
  'host/host/mem_available_bytes': line(150, () => 6000 * mib),
  'host/host/psi_memory_full_total_us': line(150, () => 0),
  'host/host/oom_kills': line(150, () => 0),
  'target/health/health_ok': line(150, () => 1),
  'target/health/health_rtt_ms': line(150, () => 3),
});

function gathered(over: Partial<GatheredRun> = {}): GatheredRun {
  return {
    manifest: manifest(),
    records: Array.from({ length: 50 }, (_, seq) => record(seq, { plannedMs: 30_000 + seq * 1000 })),
    items: new Map(),
    samples: sampleTable(memory((second) => (second >= 31 && second < 81 ? 400 : 100))),
    events: [
      event(0, 'run_start'),
      ...stageEvents([
        ['base', 0, 30_000],
        ['load', 30_000, 90_000],
        ['after', 90_000, 150_000],
      ]),
      event(150_000, 'run_end'),
    ],
    neighbour: null,
    sources: { 'requests.csv': 'dd' },
    ...over,
  };
}

describe('analyze', () => {
  it('finds a healthy run valid and ok, and gives the same result twice', () => {
    const result = analyze(gathered(), detectors);
    expect(result.validity).toEqual({ state: 'valid', reasons: [], codes: [] });
    expect(result.findings.map((finding) => finding.detector)).toEqual(detectors.map((detector) => detector.id));
    expect(result.findings.filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')).toEqual([]);
    expect(result).toMatchObject({
      verdict: 'ok',
      requests: { planned: 50, outcomes: { ok: 50 }, latencyMs: { p50: 500 }, audioSeconds: 1500 },
      memory: { limitBytes: 8192 * mib, baselineBytes: 100 * mib, peakBytes: 400 * mib, floorBytes: 100 * mib },
      command: 'bench run trial --target http://127.0.0.1:8000',
      runtimeErrors: [],
    });
    expect(JSON.stringify(analyze(gathered(), detectors))).toBe(JSON.stringify(result));
  });

  it('tells memory that grows with nothing in flight, who holds it and since when', () => {
    const samples = sampleTable(memory((second) => 100 + (second > 110 ? 19.2 * (second - 110) : 0)));
    const result = analyze(gathered({ samples }), detectors);
    expect(result.verdict).toBe('fail');
    expect(result.findings.find((finding) => finding.verdict === 'fail')).toMatchObject({
      detector: 'growth-without-load',
      title: 'Memory grows with nothing in flight',
      evidence: { holder: 'front' },
      stage: 'after',
    });
  });

  it('has a row for each minute of the profile, scaled', () => {
    const rows = analyze(gathered(), []).memory.perMinute;
    expect(rows.map(({ minute, atMs, stage, inFlight }) => [minute, atMs, stage, inFlight])).toEqual([
      [0, 0, 'base', 0],
      [1, 60_000, 'load', 0],
      [2, 120_000, 'after', 0],
    ]);
    expect(rows[1]).toMatchObject({ footprintBytes: 400 * mib, rssBytes: 440 * mib, pssBytes: null, p95Ms: 500 });
    const scaled = analyze(gathered({ manifest: manifest({ profile: profile({ scale: 0.1 }) }) }), []);
    expect(scaled.memory.perMinute).toHaveLength(26);
  });

  it('keeps the drawn lines short, named, and without what was not observed', () => {
    const { series: lines } = analyze(gathered(), []);
    expect(Object.keys(lines).sort()).toEqual(
      [
        'achieved',
        'footprint',
        'healthRtt',
        'holder:front',
        'inFlight',
        'latencyP50',
        'latencyP95',
        'latencyP99',
        'memAvailable',
        'offered',
        'outcome:ok',
        'part:child-anon',
        'part:parent-anon',
        'psiMemoryFull',
        'rss',
      ].sort(),
    );
    expect(Object.values(lines).every((drawn) => drawn.tMs.length <= 800)).toBe(true);
  });

  it('has no audio seconds, rather than none, for a corpus that is not audio', () => {
    const images = { ...manifest().corpus, meanAudioSeconds: null };
    expect(analyze(gathered({ manifest: manifest({ corpus: images }) }), detectors).requests.audioSeconds).toBeNull();
  });

  it('sees where memory was heading at a guard stop', () => {
    const result = analyze(
      gathered({
        samples: sampleTable(memory((second) => 100 + 100 * Math.max(0, second - 30))),
        events: [
          ...stageEvents([['base', 0, 30_000]]),
          event(30_000, 'stage_start', { stage: 'load', subject: 'load' }),
          event(70_000, 'guard_stop', { stage: 'load', subject: 'target', detail: 'memory is at 52 %' }),
        ],
      }),
      detectors,
    );
    expect(result.guard).toEqual({
      stoppedAtMs: 70_000,
      reason: 'memory is at 52 %',
      watchedUntilMs: null,
      restEnded: null,
    });
    expect(result.prediction?.slopeBytesPerS).toBeGreaterThan(50 * mib);
    expect(result.prediction?.timeToLimitS).toBeGreaterThan(10);
    expect(result.findings.find((finding) => finding.detector === 'low-headroom')?.verdict).toBe('fail');
  });

  it.each([
    { untilMs: 95_000, floorBytes: 900 * mib, why: 'has a floor there' },
    { untilMs: 85_000, floorBytes: null, why: 'has none of a rest that was cut before its half' },
  ])('tells that the target was watched without load until $untilMs after a guard stop, and $why', (expected) => {
    const stop = event(60_000, 'guard_stop', { stage: 'load', subject: 'target', detail: 'memory is at 90 %' });
    const [base, load, after] = [
      ['base', 0, 30_000],
      ['load', 30_000, 60_000],
      ['after', 60_010, expected.untilMs],
    ] as const;
    const result = analyze(
      gathered({
        samples: sampleTable(memory((second) => (second < 30 ? 100 : 900))),
        events: [...stageEvents([base, load]), stop, ...stageEvents([after])],
      }),
      detectors,
    );
    expect(result.guard?.watchedUntilMs).toBe(expected.untilMs);
    expect(result.memory.floorBytes).toBe(expected.floorBytes);
  });

  it.each([
    { why: 'a burst, which ends by itself', executor: 'burst', heads: false },
    { why: 'a load that goes on', executor: 'constant-vus', heads: true },
  ] as const)('calls a rise a trend only in a load that goes on: $why', ({ executor, heads }) => {
    const burst = { executor: 'burst', size: 12, repeats: 1, everyMs: 1000, maxInFlight: 12 } as const;
    const last = stage('again', 'load', 60_000);
    const stages = [
      stage('base', 'idle', 30_000),
      stage('load', 'load', 60_000),
      executor === 'burst' ? { ...last, load: burst } : last,
    ];
    const result = analyze(
      gathered({
        manifest: manifest({ profile: profile({ stages }) }),
        samples: sampleTable(memory((second) => (second < 90 ? 100 : 100 + 50 * (second - 90)))),
        events: stageEvents([
          ['base', 0, 30_000],
          ['load', 30_000, 90_000],
          ['again', 90_000, 150_000],
        ]),
      }),
      detectors,
    );
    expect(result.prediction?.timeToLimitS ?? null).toEqual(heads ? expect.any(Number) : null);
  });

  it('answers a run in which nothing was observed and nothing sent', () => {
    const empty = gathered({
      records: [],
      samples: sampleTable({}),
      events: [],
      manifest: manifest({ measured: null, status: 'running' }),
    });
    const result = analyze(empty, detectors);
    expect(result).toMatchObject({
      status: 'aborted',
      validity: { state: 'invalid' },
      prediction: null,
      memory: { peakBytes: null, limitBytes: null },
      harness: { rssPeakBytes: null },
    });
    expect(result.findings.every((finding) => finding.verdict !== 'fail')).toBe(true);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  const always = (verdict: Verdict) =>
    defineDetector({
      id: 'always',
      title: 'good',
      failureTitle: 'bad',
      description: '',
      unit: '',
      remedy: 'mend it',
      requires: ['records'],
      detect: () => ({ verdict, summary: 'It is so.', value: 1, threshold: 0 }),
    });

  it.each([
    { threshold: 'fail' as const, verdict: 'fail', title: 'bad', remedy: 'mend it' },
    { threshold: 'warn' as const, verdict: 'warn', title: 'bad', remedy: 'mend it' },
    { threshold: 'off' as const, verdict: 'not-applicable', title: 'good', remedy: '' },
  ])('counts a failing finding as the profile says: $threshold', ({ threshold, ...expected }) => {
    const run = gathered({ manifest: manifest({ profile: profile({ thresholds: { always: threshold } }) }) });
    expect(analyze(run, [always('fail')]).findings[0]).toMatchObject(expected);
  });

  it('takes a detector that throws as inconclusive and tells where it broke', () => {
    const broken = {
      ...always('ok'),
      detect: () => {
        throw new Error('it broke');
      },
    };
    const result = analyze(gathered(), [broken]);
    expect(result.findings[0]?.verdict).toBe('inconclusive');
    expect(result.runtimeErrors[0]?.where).toBe('detector always');
    expect(result.runtimeErrors[0]?.stack).toContain('it broke');
  });

  it.each([
    { verdicts: ['ok', 'not-applicable'], overall: 'ok' },
    { verdicts: ['ok', 'inconclusive'], overall: 'ok' },
    { verdicts: ['inconclusive', 'ok'], overall: 'inconclusive' },
    { verdicts: ['inconclusive', 'warn'], overall: 'warn' },
    { verdicts: ['warn', 'fail'], overall: 'fail' },
    { verdicts: [], overall: 'ok' },
  ] as const)('is $overall over $verdicts if the first is required', ({ verdicts, overall }) => {
    const findings = verdicts.map((verdict, index) => ({ detector: `d${index}`, verdict }) as Finding);
    expect(overallVerdict(findings, ['d0'], ended())).toBe(overall);
  });

  it.each([
    {
      why: 'a target that answers nothing did no work',
      counts: { timeout: 9, closed_early: 1 },
      overall: 'inconclusive',
    },
    { why: 'a few lost requests prove nothing', counts: { timeout: 9 }, overall: 'ok' },
    { why: 'what was never sent could not be answered', counts: { dropped: 50, reset: 1 }, overall: 'ok' },
    { why: 'one answer is work', counts: { ok: 1, timeout: 99 }, overall: 'ok' },
    { why: 'nothing was asked', counts: {}, overall: 'ok' },
  ])('$why', ({ counts, overall }) => {
    expect(overallVerdict([], [], ended({ requests: summaryOf(counts) }))).toBe(overall);
  });

  it.each([
    { status: 'aborted', verdict: 'ok', overall: 'inconclusive' },
    { status: 'failed', verdict: 'ok', overall: 'inconclusive' },
    { status: 'aborted', verdict: 'warn', overall: 'warn' },
    { status: 'aborted', verdict: 'fail', overall: 'fail' },
    { status: 'stopped', verdict: 'ok', overall: 'ok' },
  ] as const)('of a run that is $status and $verdict until then is $overall', ({ status, verdict, overall }) => {
    const findings = [{ detector: 'd0', verdict } as Finding];
    expect(overallVerdict(findings, [], ended({ status }))).toBe(overall);
  });

  it('is no more than inconclusive for a search that confirmed no number', () => {
    const search = { kneeVus: null, lastGoodVus: 8, firstBrokenVus: 16, confirmedVus: null, why: '', steps: [] };
    expect(overallVerdict([], [], ended({ search }))).toBe('inconclusive');
    expect(overallVerdict([], [], ended({ search: { ...search, confirmedVus: 8 } }))).toBe('ok');
  });

  it('leaves a gap a gap in the drawn line', () => {
    const samples = sampleTable({
      ...memory(() => 100),
      'tree/tree/rss_anon_bytes': series([100 * mib, null, 100 * mib]),
    });
    expect(analyze(gathered({ samples }), []).series['footprint']?.values[1]).toBeNull();
  });
});
