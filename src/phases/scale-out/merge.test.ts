import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { executors } from '../../executors/index.ts';
import type { Corpus } from '../../model/corpus.ts';
import type { Manifest } from '../../model/manifest.ts';
import { retrySeqFrom } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { event, profile, record } from '../../testing/build.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { streamedItem } from '../../testing/contract-rows.ts';
import { compilePlan } from '../plan/plan.ts';
import { segmentOf } from '../plan/segments.ts';
import { recordFiles } from './merge-k6.ts';
import { foreignPlan, joinParts, missingRecords, shifted } from './merge-parts.ts';
import { gatherRuns, isWatcher, type RunPart } from './merge-runs.ts';

const corpus: Corpus = {
  name: 'clips',
  title: 'clips',
  digest: 'd',
  items: [1, 2, 3].map((n) => streamedItem(`clip-${n}`, n * 100)),
};
const plan = compilePlan({
  corpus,
  executors,
  profile: profile({
    stages: [
      {
        name: 'load',
        kind: 'load',
        load: { executor: 'constant-arrival-rate', rate: 2, arrivals: 'uniform', maxInFlight: 4 },
        durationMs: 5000,
        timeoutMs: 1000,
        pick: 'shuffled',
        client: null,
      },
    ],
  }),
});

function recordsOf(index: number, count: number): RequestRecord[] {
  const rows = segmentOf(plan, index, count).rows(0, new Map());
  return rows?.model === 'open'
    ? rows.rows.map((row) => record(row.seq, { plannedMs: row.plannedMs ?? 0, itemId: row.item.id }))
    : [];
}

function part(path: string, records: RequestRecord[], over: Partial<Manifest> = {}): RunPart {
  const run = {
    manifest: manifest({ planHash: plan.hash, ...over }),
    records,
    neighbour: null,
    items: new Map(),
    events: [event(0, 'stage_start', { stage: 'load', subject: 'load' }), event(900, 'guard_stop', { detail: path })],
    sources: {},
    samples: { instances: () => [], series: () => null, metrics: () => [] },
  };
  return { path, run };
}

describe('the parts of one plan', () => {
  it('together are the plan: every row once, in any order of the parts', () => {
    const parts = [2, 0, 1].map((index) => ({ name: `part ${index}`, records: recordsOf(index, 3) }));
    const joined = joinParts(parts);
    expect(joined.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, n) => n));
    expect(missingRecords(plan, joined, () => 0)).toEqual([]);
  });

  it('that lack a runner have its rows as in flight at the end, at their planned times', () => {
    const joined = joinParts([0, 2].map((index) => ({ name: `part ${index}`, records: recordsOf(index, 3) })));
    const missing = missingRecords(plan, joined, () => 100);
    expect(missing.map(({ seq, plannedMs }) => [seq, plannedMs])).toEqual([
      [1, 600],
      [4, 2100],
      [7, 3600],
    ]);
    expect(missing[0]).toMatchObject({ outcome: 'in_flight_at_end', errorCode: 'no_trace', startMs: null });
  });

  it('a stage that never began has no missing rows', () => {
    expect(missingRecords(plan, [], () => null)).toEqual([]);
  });

  it('with a row in two of them are refused with both names', () => {
    const parts = [0, 0].map((index, n) => ({ name: `part ${n}`, records: recordsOf(index, 3) }));
    expect(() => joinParts(parts)).toThrow('Request 0 is in part 0 and in part 1.');
  });

  it('keep the retries of each runner, under new numbers', () => {
    const retry = record(retrySeqFrom, { attempt: 2, retryOf: 0 });
    const joined = joinParts([
      { name: 'a', records: [retry] },
      { name: 'b', records: [{ ...retry, retryOf: 1 }] },
    ]);
    expect(joined.map(({ seq, retryOf }) => [seq, retryOf])).toEqual([
      [retrySeqFrom, 0],
      [retrySeqFrom + 1, 1],
    ]);
  });

  it('are moved onto one clock without making times that never were', () => {
    const moved = shifted(record(1, { connectedMs: null, endMs: 1500 }), 250);
    expect(moved).toMatchObject({ plannedMs: 1250, connectedMs: null, endMs: 1750 });
  });

  it('are the plan however many there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (count) => {
        const parts = Array.from({ length: count }, (_, n) => ({ name: String(n), records: recordsOf(n, count) }));
        expect(new Set(joinParts(parts).map(({ seq }) => seq)).size).toBe(10);
      }),
    );
  });
});

describe('folders of bench runs', () => {
  const later = { startedAt: '2026-01-01T00:00:00.250Z' };

  it('come onto the clock of the first one to start, with its stages and the endings of all', () => {
    const parts = [part('b', recordsOf(1, 2), later), part('a', recordsOf(0, 2))];
    const gathering = gatherRuns(parts, () => plan);
    expect(gathering.parts.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(gathering.parts[1]?.records[0]?.plannedMs).toBe(750);
    expect(gathering.events.map(({ kind, tMs }) => [kind, tMs])).toEqual([
      ['stage_start', 0],
      ['guard_stop', 900],
      ['guard_stop', 1150],
    ]);
    expect(gathering.sampled).toEqual([{ path: 'a', addedMs: 0 }]);
  });

  it('of another plan are refused with one line', () => {
    const foreign = part('c', recordsOf(1, 2), { planHash: 'other' });
    expect(() => gatherRuns([part('a', recordsOf(0, 2)), foreign], () => plan)).toThrow(/^c is of the plan other/);
    expect(foreignPlan('x', 'a', 'b').code).toBe('USAGE');
  });

  it('that planned nothing give their samples', () => {
    const measured = manifest().measured;
    const watcher = part('w', [], { ...later, planHash: 'other', measured: measured && { ...measured, planned: 0 } });
    expect(isWatcher(watcher)).toBe(true);
    expect(gatherRuns([part('a', recordsOf(0, 1)), watcher], () => plan).sampled).toEqual([
      { path: 'w', addedMs: 250 },
    ]);
  });
});

describe('files of runners', () => {
  let scratch = '';
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'headroom-merge-'));
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  it('are those in results, if there is such a folder, and never those of the plan', () => {
    for (const name of ['plan.json', 'script-data.json', 'a.json.gz', 'b.ndjson', 'c.txt']) {
      writeFileSync(join(scratch, name), '');
    }
    expect(recordFiles(scratch)).toEqual([join(scratch, 'a.json.gz'), join(scratch, 'b.ndjson')]);
    mkdirSync(join(scratch, 'results'));
    expect(recordFiles(scratch)).toEqual([]);
  });
});
