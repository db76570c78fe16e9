import { type Outcome, outcomes } from '../model/record.ts';
import type { RequestSummary, RunResult } from '../model/result.ts';

const hash = (digit: string): string => digit.repeat(64);

export function summaryOf(counts: Partial<Record<Outcome, number>>, p95Ms: number | null = null): RequestSummary {
  const filled = Object.fromEntries(outcomes.map((outcome) => [outcome, counts[outcome] ?? 0])) as Record<
    Outcome,
    number
  >;
  const latencyMs =
    p95Ms === null
      ? { p50: null, p95: null, p99: null, max: null }
      : { p50: p95Ms * 0.55, p95: p95Ms, p99: p95Ms * 1.2, max: p95Ms * 1.3 };
  return {
    planned: outcomes.reduce((sum, outcome) => sum + filled[outcome], 0),
    outcomes: filled,
    latencyMs,
    serviceMs: latencyMs,
    bytesOut: 3_400_000 * filled.ok,
    audioSeconds: 106 * filled.ok,
    checks: filled.ok === 0 ? {} : { tokens: filled.ok },
    wordErrorRate: null,
    errors: {},
  };
}

/** A run that planned nothing and observed nothing. */
export function emptyResult(): RunResult {
  return {
    schemaVersion: '0.2',
    tool: { name: 'headroom', version: '0.1.0', commit: null },
    guardRatio: null,
    runId: '20260102T030405Z_nothing_0000000_0000',
    startedAt: '2026-01-02T03:04:05Z',
    status: 'aborted',
    profile: { name: 'nothing', hash: hash('0'), question: '', scale: 1 },
    planHash: hash('1'),
    measurementVersion: '1',
    session: { id: '20260102T030405Z_nothing_0000000_0000', repeat: 1, of: 1, purpose: 'manual' },
    subject: { version: null, commit: null, image: null },
    corpus: { name: 'none', digest: hash('2'), content: 'code', items: 0 },
    hostClass: 'unknown',
    comparability: { must: {}, warn: {} },
    engine: { id: 'native', version: '0.1.0', why: 'named on the command line' },
    target: {
      kind: 'url',
      url: 'http://127.0.0.1:9/',
      exec: null,
      fault: null,
      fixes: [],
      device: { kind: null, why: null },
      observed: 'nothing',
      memoryLimit: null,
    },
    sources: {},
    validity: { state: 'invalid', reasons: ['the target was not observed'] },
    verdict: 'inconclusive',
    findings: [],
    stages: [],
    events: [],
    requests: summaryOf({}),
    memory: {
      limitBytes: null,
      limitSource: null,
      baselineBytes: null,
      peakBytes: null,
      peakSource: null,
      peakHolder: null,
      floorBytes: null,
      parts: [],
      devices: [],
      perMinute: [],
    },
    prediction: null,
    capacity: null,
    capacityUnknown: 'the run has no level of load that could be measured',
    search: null,
    neighbour: null,
    guard: null,
    harness: {
      rssPeakBytes: null,
      cpuSeconds: null,
      eventLoopLagP99Ms: null,
      dispatchLatenessP99Ms: null,
      samplerCostMsPerSample: null,
      samplerCpuShare: null,
      missedSamples: null,
      expectedSamples: null,
    },
    series: {},
    environment: {},
    command: 'bench run nothing',
    notObserved: [],
    runtimeErrors: [],
  };
}
