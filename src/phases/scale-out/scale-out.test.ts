import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { sharePlan } from '../../engines/k6/shared-plan.ts';
import type { Plan, StageRows } from '../../model/plan.ts';
import type { Load } from '../../model/profile.ts';
import { closedRows, every, openRows } from '../../testing/contract-rows.ts';
import { agent, configMap, type ManifestFacts, manifestText, storage, testRun } from './manifests.ts';
import { readmeText } from './readme.ts';
import { segmentFlags } from './scale-out.ts';

const testRunSchema = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL('./k6-operator-testrun.schema.json', import.meta.url), 'utf8')) as Parameters<
    typeof z.fromJSONSchema
  >[0],
);

const facts: ManifestFacts = {
  name: 'headroom-image-ingest',
  runners: 100,
  memoryBytes: 900e6,
  inputBytes: 240e6,
  k6Image: 'grafana/k6:2.2.0',
  benchImage: 'headroom:0.1.0',
  resultBytes: 3e9,
};
const small = { ...facts, inputBytes: 100_000 };

function parsed(objects: readonly object[]): unknown[] {
  return parseAllDocuments(manifestText(objects)).map((document) => document.toJS() as unknown);
}

describe('the manifests of a scaled-out plan', () => {
  it.each([
    ['a corpus on a volume', facts, 'volumeClaim'],
    ['a small one in a ConfigMap', small, 'configMap'],
  ])('a TestRun is as the operator wants it: %s', (_, given, place) => {
    const [read] = parsed([testRun(given)]);
    expect(testRunSchema.safeParse(read)).toMatchObject({ success: true });
    expect(read).toMatchObject({ spec: { parallelism: 100, script: { [place]: { file: 'script.ts' } } } });
  });

  it('the schema notices a field that the operator does not know', () => {
    const run = testRun(facts) as { spec: object };
    expect(testRunSchema.safeParse({ ...run, spec: { ...run.spec, runers: 3 } }).success).toBe(false);
  });

  it('a volume for input is claimed only where a ConfigMap is too small', () => {
    const names = (given: ManifestFacts): unknown[] =>
      parsed(storage(given)).map((object) => (object as { metadata: { name: string } }).metadata.name);
    expect(names(facts)).toEqual([
      'headroom-image-ingest-results',
      'headroom-image-ingest-input',
      `${facts.name}-files`,
    ]);
    expect(names(small)).toEqual(['headroom-image-ingest-results', `${facts.name}-files`]);
  });

  it('a ConfigMap holds text as it is and bodies in base64', () => {
    const [read] = parsed([configMap('x', { 'script.ts': 'a: "b"\n' }, Buffer.from([0, 255]))]);
    expect(read).toMatchObject({ data: { 'script.ts': 'a: "b"\n' }, binaryData: { 'bodies.bin': 'AP8=' } });
  });

  it('secrets are named, never written', () => {
    const text = manifestText([testRun(facts), ...agent(facts), ...storage(facts)]);
    expect(text).toContain('secretKeyRef');
    expect(text).toContain('secretName: headroom-image-ingest-agent-token');
    expect(text).not.toMatch(/kind: Secret|stringData/);
  });

  it('the README gives each runner its segment', () => {
    const flags = [0, 1, 2].map((index) => segmentFlags(index, 3));
    const text = readmeText({
      ...facts,
      profile: 'image-ingest',
      targetUrl: 'http://t',
      planHash: 'abc',
      requests: 914,
      segments: { flags },
    });
    expect(flags[1]).toBe('--execution-segment 1/3:2/3 --execution-segment-sequence 0,1/3,2/3,1');
    expect(flags.every((flag) => text.includes(flag))).toBe(true);
  });
});

describe('a plan over several runners', () => {
  function planOf(load: Load, rows: StageRows, refersTo: readonly string[] = []): Plan {
    const stage = {
      name: 'x',
      kind: 'load',
      load,
      durationMs: 4000,
      timeoutMs: 1000,
      pick: 'first',
      client: null,
    } as const;
    return { hash: 'h', stages: [{ index: 0, stage, refersTo }], rows: () => rows, rates: () => [] };
  }
  const even: Load = { executor: 'constant-arrival-rate', rate: 1, arrivals: 'uniform', maxInFlight: 1 };
  const vus: Load = { executor: 'constant-vus', vus: 2, thinkMs: 500 };
  const each: Load = { executor: 'per-vu-iterations', vus: 4, iterations: 2, thinkMs: 0 };
  const fixed = (slots: number): StageRows => {
    const plain = closedRows(slots, 0);
    return { ...plain, draw: (slot, turn) => (turn < 2 ? plain.draw(slot, turn) : null) };
  };

  it('has a VU for each runner, so that none drops its part', () => {
    const [stage] = sharePlan(planOf(even, openRows(every(1000, 4), { maxInFlight: 1 })), 3);
    expect(stage?.draft?.stage.options).toMatchObject({ maxVUs: 3 });
  });

  it('numbers the rows of VUs by one counter', () => {
    const [stage] = sharePlan(planOf(vus, closedRows(2, 500)), 2);
    expect(stage?.draft?.stage.take).toBe('counter');
    expect(stage?.draft?.rows.slice(0, 4).map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
  });

  it('parts VUs with a fixed number of requests only where each runner has as many', () => {
    expect(sharePlan(planOf(each, fixed(4)), 2)).toHaveLength(1);
    expect(() => sharePlan(planOf(each, fixed(4)), 3)).toThrow('4 VUs');
  });

  it('refuses what a runner cannot know alone', () => {
    expect(() => sharePlan(planOf(even, openRows([0]), ['warmup']), 2)).toThrow('no runner knows');
    const ramping = { ...closedRows(2, 500), window: (slot: number) => ({ fromMs: slot * 1000, toMs: 4000 }) };
    expect(() =>
      sharePlan(planOf({ executor: 'ramping-vus', fromVus: 1, toVus: 2, thinkMs: 500 }, ramping), 2),
    ).toThrow('come or go');
  });
});
