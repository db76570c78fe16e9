import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executors } from '../../executors/index.ts';
import type { Corpus } from '../../model/corpus.ts';
import { parseProfile } from '../../model/parse-profile.ts';
import type { ClosedRows, OpenRows, Plan, StageRows } from '../../model/plan.ts';
import { streamedItem } from '../../testing/contract-rows.ts';
import { detectorIds, steady, warmup, withStages } from '../../testing/profile-text.ts';
import { compilePlan } from './plan.ts';
import { segmentOf } from './segments.ts';

const corpus: Corpus = {
  name: 'c',
  title: 'Seven items',
  digest: 'd1',
  items: Array.from({ length: 7 }, (_, index) => streamedItem(`item-${index}`, 100)),
};
const nothing = new Map<string, never>();

function planOf(...stages: readonly string[]): Plan {
  const profile = parseProfile(withStages(...stages), 'profiles/x.yaml', detectorIds);
  return compilePlan({ profile, corpus, executors });
}

const open = (rate: number): string => `${steady(String(rate))}, arrivals: poisson, maxInFlight: 7`;
const shared = (vus: number, iterations: number): string =>
  `name: all, kind: load, executor: shared-iterations, vus: ${vus}, iterations: ${iterations}, for: 5s`;
const each = (vus: number, iterations: number): string => shared(vus, iterations).replace('shared-', 'per-vu-');
const ramp = (fromVus: number, toVus: number): string =>
  `name: r, kind: load, executor: ramping-vus, fromVus: ${fromVus}, toVus: ${toVus}, for: 5s`;

/** Up to four rows of each slot, slot by slot in turns, as busy VUs draw them. */
function drawn(rows: ClosedRows): string[] {
  const all: string[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    for (let slot = 0; slot < rows.slots; slot += 1) {
      const row = rows.draw(slot, turn);
      if (row !== null) {
        const { fromMs, toMs } = rows.window(slot);
        all.push(JSON.stringify([row.seq, row.item.id, row.slot, fromMs, toMs]));
      }
    }
  }
  return all;
}

function segmentRows(plan: Plan, count: number): StageRows[] {
  return Array.from({ length: count }, (_, index) => segmentOf(plan, index, count).rows(0, nothing)).filter(
    (rows) => rows !== null,
  );
}

const counts = fc.integer({ min: 1, max: 6 });
const vus = fc.integer({ min: 1, max: 9 });

describe('segmentOf', () => {
  it('row n of an open stage belongs to segment n mod count', () => {
    const plan = planOf(open(2));
    const whole = plan.rows(0, nothing) as OpenRows;
    for (const index of [0, 1, 2]) {
      const { rows } = segmentOf(plan, index, 3).rows(0, nothing) as OpenRows;
      expect(rows).toEqual(whole.rows.filter((_, n) => n % 3 === index));
    }
  });

  it('all segments of an open stage are its rows, each once, and together they have its places in flight', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 20, noNaN: true }), counts, (rate, count) => {
        const plan = planOf(open(Number(rate.toFixed(3))));
        const whole = plan.rows(0, nothing) as OpenRows;
        const parts = segmentRows(plan, count) as OpenRows[];
        const union = parts.flatMap(({ rows }) => rows).sort((a, b) => a.seq - b.seq);
        expect(union).toEqual(whole.rows);
        expect(parts.reduce((sum, { maxInFlight }) => sum + maxInFlight, 0)).toBe(whole.maxInFlight);
      }),
      { numRuns: 30 },
    );
  });

  it('all segments of a closed stage are its slots with their windows and rows, each once', () => {
    const stage = fc.oneof(
      vus.map((n) => `${warmup.replace('vus: 2', `vus: ${n}`)}`),
      fc.tuple(vus, vus).map(([from, to]) => ramp(from, to)),
      fc.tuple(vus, counts).map(([n, iterations]) => each(n, iterations)),
    );
    fc.assert(
      fc.property(stage, counts, (text, count) => {
        const plan = planOf(text);
        const union = (segmentRows(plan, count) as ClosedRows[]).flatMap(drawn);
        expect(union.sort()).toEqual(drawn(plan.rows(0, nothing) as ClosedRows).sort());
      }),
      { numRuns: 60 },
    );
  });

  it('all segments draw the shared iterations exactly once, whichever is faster', () => {
    fc.assert(
      fc.property(vus, fc.integer({ min: 1, max: 40 }), counts, (n, iterations, count) => {
        const plan = planOf(shared(n, iterations));
        const seqs = (segmentRows(plan, count) as ClosedRows[]).flatMap((rows) => {
          const own: number[] = [];
          for (let row = rows.draw(0, 0); row !== null; row = rows.draw(own.length % rows.slots, own.length)) {
            own.push(row.seq);
          }
          return own;
        });
        expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: iterations }, (_, seq) => seq));
      }),
      { numRuns: 60 },
    );
  });

  it('a segment without a slot has no part in the stage', () => {
    const plan = planOf(warmup);
    expect([0, 1, 2].map((index) => segmentOf(plan, index, 3).rows(0, nothing)?.model ?? null)).toEqual([
      'closed',
      'closed',
      null,
    ]);
  });

  it('the one segment of one is the plan, and every segment has the hash of the plan', () => {
    const plan = planOf(open(3), 'name: base, kind: idle, for: 5s');
    expect(segmentOf(plan, 0, 1).rows(0, nothing)).toEqual(plan.rows(0, nothing));
    expect(segmentOf(plan, 0, 1).rows(1, nothing)).toBeNull();
    expect(segmentOf(plan, 1, 4).hash).toBe(plan.hash);
    expect(segmentOf(plan, 1, 4).rates(0, nothing)).toEqual(plan.rates(0, nothing));
  });

  it.each([
    [0, 0],
    [2, 2],
    [-1, 2],
    [0.5, 2],
  ])('segment %d of %d is none', (index, count) => {
    expect(() => segmentOf(planOf(warmup), index, count)).toThrow(`Segment ${index} of ${count} is none.`);
  });
});
