import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ExportInput } from '../model/exporter.ts';
import type { Load } from '../model/profile.ts';
import type { RunResult, StageResult } from '../model/result.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { sampleDecision } from '../testing/sample-decision.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { meanOf } from './uttera/mean-of-curve.ts';
import { uttera } from './uttera.ts';

/** bench-result 1.0.0 of uttera/uttera-benchmarks (Apache-2.0), with its own strictness. */
const schema = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL('captured/bench-result-1.0.0.schema.json', import.meta.url), 'utf8')) as Parameters<
    typeof z.fromJSONSchema
  >[0],
);

const commit = '0123456789abcdef';
const base: RunResult = { ...sampleResult(), subject: { version: 'v1', commit, image: 'stt-server' } };
const withHold = (over: Partial<StageResult>): RunResult => ({
  ...base,
  stages: base.stages.map((stage) => (stage.name === 'hold' ? { ...stage, ...over } : stage)),
});

const loadsWith = (hold: Load | null): ExportInput['loads'] => new Map(hold === null ? [] : [['hold', hold]]);

function files(result: RunResult, hold: Load | null = null): Record<string, unknown> {
  const answer = uttera.write({
    results: [result],
    decision: sampleDecision(),
    history: [],
    loads: loadsWith(hold),
  });
  return Object.fromEntries(
    ('files' in answer ? answer.files : []).map(({ name, text }) => [name, JSON.parse(text) as unknown]),
  );
}
const held = `${base.runId}_hold.json`;

describe('bench-result 1.0.0', () => {
  it('is as it was (update: vitest run src/exporters --update)', async () => {
    const text = JSON.stringify(files(base)[held], null, 2);
    await expect(`${text}\n`).toMatchFileSnapshot('golden/uttera.json.txt');
  });

  it('is made of each stage of constant arrivals, and keeps the strict schema', () => {
    const made = files(base);
    expect(Object.keys(made)).toEqual([held, `${base.runId}.memory.json`]);
    expect(schema.safeParse(made[held]).error).toBeUndefined();
    expect(made[held]).toMatchObject({
      profile: { kind: 'sustained', rps: 6, duration_s: 54, warmup: 6 },
      metrics: { ok: 238, fail: 86, wall_s: 54 },
    });
  });

  it('is held to a schema that refuses what it does not know', () => {
    const made = files(base)[held] as object;
    expect(schema.safeParse({ ...made, memory: {} }).success).toBe(false);
    expect(schema.safeParse({ ...made, profile: { kind: 'sustained', rps: 0, duration_s: 54 } }).success).toBe(false);
  });

  it('has memory, findings and what the gate said in the file beside it', () => {
    expect(files(base)[`${base.runId}.memory.json`]).toMatchObject({
      kind: 'headroom-memory',
      resultFiles: [held],
      memory: { peakBytes: base.memory.peakBytes, floorBytes: base.memory.floorBytes },
      gate: { state: 'fail' },
    });
  });

  it('tells VRAM of a real device only, and what was not read not at all', () => {
    const [virtual] = base.memory.devices;
    const real = { ...virtual, instance: 'cuda:0', kind: 'cuda', baselineBytes: null, othersPeakBytes: null } as const;
    const memory = { ...base.memory, devices: [real] } as RunResult['memory'];
    const node = (files({ ...base, memory })[held] as { node: Record<string, unknown> }).node;
    expect(node).toMatchObject({ vram_total_gb: 16 });
    expect(node).not.toHaveProperty('vram_free_gb_at_start');
    expect(node).not.toHaveProperty('shared_gpu');
    expect((files(base)[held] as { node: object }).node).not.toHaveProperty('vram_total_gb');
  });

  const oneByOne = { executor: 'shared-iterations', vus: 1, iterations: 324, thinkMs: 0 } as const;
  const allAtOnce = { executor: 'burst', size: 64, repeats: 1, everyMs: 0, maxInFlight: 64 } as const;
  const answered = (ok: number): Partial<StageResult> => {
    const { requests } = base.stages[3] as StageResult;
    return {
      endMs: 40_000,
      requests: { ...requests, planned: 64, outcomes: { ...requests.outcomes, ok, timeout: 64 - ok } },
    };
  };
  const slowestS = ((base.stages[3] as StageResult).requests.latencyMs.max ?? 0) / 1000;

  it.each<{ why: string; result: RunResult; load: Load; profile: object; wallS: number }>([
    {
      why: 'one client is its latency, as long as the stage',
      result: base,
      load: oneByOne,
      profile: { kind: 'latency', iterations: 324, warmup: 6 },
      wallS: 54,
    },
    {
      why: 'a burst ends with its slowest answer, which may come after its stage',
      result: withHold(answered(64)),
      load: allAtOnce,
      profile: { kind: 'burst', n: 64, warmup: 6 },
      wallS: slowestS,
    },
    {
      why: 'a burst of which some failed takes the whole stage at least',
      result: withHold({ ...answered(60), endMs: 30_000 + 400_000 }),
      load: allAtOnce,
      profile: { kind: 'burst', n: 64, warmup: 6 },
      wallS: 400,
    },
  ])('tells the kinds of load that the schema has: $why', ({ result, load, profile, wallS }) => {
    const made = files(result, load)[held] as { metrics: { wall_s: number; ok: number; rps: number } };
    expect(schema.safeParse(made).error).toBeUndefined();
    expect(made).toMatchObject({ profile, metrics: { wall_s: wallS } });
    expect(made.metrics.rps).toBeCloseTo(made.metrics.ok / wallS, 9);
  });

  it.each<{ why: string; load: Load; says: string }>([
    { why: 'a burst of another size', load: { ...allAtOnce, size: 16 }, says: 'hold: a burst of 16' },
    { why: 'bursts again and again', load: { ...allAtOnce, repeats: 3 }, says: 'hold: it is 3 bursts' },
    { why: 'several clients', load: { ...oneByOne, vus: 4 }, says: 'hold: its clients are several' },
    { why: 'a client that thinks', load: { ...oneByOne, thinkMs: 50 }, says: 'think between requests' },
  ])('does not tell of $why', ({ load, says }) => {
    const input: ExportInput = { results: [base], decision: null, history: [], loads: loadsWith(load) };
    expect(uttera.write(input)).toEqual({ unexportable: expect.stringContaining(says) as string });
  });

  it.each<{ why: string; result: RunResult; says: string }>([
    {
      why: 'the server has no commit',
      result: { ...base, subject: { ...base.subject, commit: null } },
      says: '--subject-commit',
    },
    {
      why: 'its commit is a name',
      result: { ...base, subject: { ...base.subject, commit: 'main' } },
      says: '--subject-commit',
    },
    { why: 'the stage is too short', result: withHold({ endMs: 40_000 }), says: 'hold: it lasted 10 s' },
    {
      why: 'the load is closed',
      result: withHold({ loadModel: 'closed' }),
      says: 'hold: its load is neither',
    },
    {
      why: 'the corpus is no audio',
      result: withHold({ requests: { ...(base.stages[3] as StageResult).requests, audioSeconds: null } }),
      says: 'no audio',
    },
    { why: 'no curve tells a mean', result: { ...base, latencyCurves: null }, says: 'curve of latency' },
    { why: 'nothing was loaded', result: { ...base, stages: [] }, says: 'no judged load' },
    { why: 'the corpus is empty', result: { ...base, corpus: { ...base.corpus, items: 0 } }, says: 'empty' },
    { why: 'the run is invalid', result: emptyResult(), says: 'not observed' },
  ])('is refused where $why', ({ result, says }) => {
    const input: ExportInput = { results: [result], decision: null, history: [], loads: new Map() };
    expect(uttera.write(input)).toEqual({ unexportable: expect.stringContaining(says) as string });
  });
});

describe('the mean of a curve', () => {
  it.each([
    { why: 'constant', points: [{ ratio: 0, ms: 5 }], maxMs: 5, ms: 5 },
    {
      why: 'uniform from 0 to 10',
      points: [0, 0.25, 0.5, 0.75].map((ratio) => ({ ratio, ms: 10 * ratio })),
      maxMs: 10,
      ms: 5,
    },
  ])('is the integral over all shares: $why', ({ points, maxMs, ms }) => {
    const mean = meanOf({ stage: null, from: 'planned', answers: 9, points }, maxMs);
    expect(mean.ms).toBeCloseTo(ms, 9);
    expect(mean.lowestMs).toBeLessThanOrEqual(ms);
    expect(mean.highestMs).toBeGreaterThanOrEqual(ms);
  });
});
