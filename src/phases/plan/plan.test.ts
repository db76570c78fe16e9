import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executors } from '../../executors/index.ts';
import type { Corpus, CorpusItem } from '../../model/corpus.ts';
import { parseProfile, scaleProfile } from '../../model/parse-profile.ts';
import type { ClosedRows, OpenRows, Plan, StageAchievement } from '../../model/plan.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import { detectorIds, steady, warmup, withStages } from '../../testing/profile-text.ts';
import { compilePlan, planSummary } from './plan.ts';

function item(id: string, audioSeconds: number | null): CorpusItem {
  return {
    id,
    bytes: 32_000 * (audioSeconds ?? 1),
    sha256: null,
    mediaType: 'audio/wav',
    fileName: `${id}.wav`,
    content: 'code',
    traits: audioSeconds === null ? {} : { audioSeconds },
    truth: {},
    attachments: [],
    chunks: () => [],
  };
}

const corpus: Corpus = {
  name: 'c',
  title: 'Five clips',
  digest: 'd1',
  items: [item('a', 10), item('b', 20), item('c', 90), item('d', 30), item('e', 50)],
};
const nothing = new Map<string, StageAchievement>();

function profileOf(...stages: readonly string[]): ResolvedProfile {
  return parseProfile(withStages(...stages), 'profiles/x.yaml', detectorIds);
}

function planOf(profile: ResolvedProfile, of: Corpus = corpus): Plan {
  return compilePlan({ profile, corpus: of, executors });
}

function openRows(plan: Plan, index: number, achieved = nothing): OpenRows {
  return plan.rows(index, achieved) as OpenRows;
}

const relative = profileOf('name: base, kind: idle, for: 5s', warmup, steady('1.2 x warm audio-seconds'));

describe('compilePlan', () => {
  it('lists every row of an open stage, numbered apart from other stages', () => {
    const plan = planOf(profileOf('name: base, kind: idle, for: 5s', `${steady('0.5')}, timeout: 9s, pick: first`));
    expect(plan.rows(0, nothing)).toBeNull();
    expect(openRows(plan, 1).rows.map((row) => ({ ...row, item: row.item.id }))).toEqual([
      { seq: 1_000_000, stage: 'steady', item: 'a', timeoutMs: 9000, plannedMs: 0, slot: null, client: null },
      { seq: 1_000_001, stage: 'steady', item: 'a', timeoutMs: 9000, plannedMs: 2000, slot: null, client: null },
      { seq: 1_000_002, stage: 'steady', item: 'a', timeoutMs: 9000, plannedMs: 4000, slot: null, client: null },
    ]);
  });

  it('a closed stage numbers its rows by turn and slot, in any order of asking', () => {
    const rows = planOf(profileOf(warmup)).rows(0, nothing) as ClosedRows;
    const late = rows.draw(1, 40);
    expect([rows.draw(0, 0)?.seq, rows.draw(1, 0)?.seq, rows.draw(0, 1)?.seq, late?.seq]).toEqual([0, 1, 2, 81]);
    expect(late).toMatchObject({ slot: 1, plannedMs: null });
    expect(rows.draw(1, 40)).toEqual(late);
  });

  it('every epoch sends each item once, in an order of its own', () => {
    const { rows } = openRows(planOf(profileOf(steady('20'))), 0);
    const epochs = Array.from({ length: 20 }, (_, epoch) =>
      rows.slice(epoch * 5, epoch * 5 + 5).map((row) => row.item.id),
    );
    for (const epoch of epochs) {
      expect([...epoch].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    }
    expect(new Set(epochs.map(String)).size).toBeGreaterThan(10);
  });

  it.each([
    ['first', 'a'],
    ['longest', 'c'],
  ])('pick %s sends only item %s', (pick, id) => {
    const { rows } = openRows(planOf(profileOf(`${steady('2')}, pick: ${pick}`)), 0);
    expect(new Set(rows.map((row) => row.item.id))).toEqual(new Set([id]));
  });

  it.each<[why: string, rate: string, achievement: StageAchievement, perSecond: number]>([
    ['audio seconds are divided by the mean of the corpus', '1.2 x warm audio-seconds', achieved(1, 240), 7.2],
    ['requests are multiplied as they are', '0.5 x warm rps', achieved(3, 0), 1.5],
    ['two significant digits are kept', '1 x warm rps', achieved(12.3456, 0), 12],
    ['two significant digits are kept below one', '1 x warm rps', achieved(0.012_645, 0), 0.013],
    ['a target that answered nothing still gets a request at times', '1 x warm rps', achieved(0, 0), 0.001],
  ])('%s', (_why, rate, achievement, perSecond) => {
    const plan = planOf(profileOf(warmup, steady(rate)));
    expect(plan.rates(1, new Map([['warm', achievement]]))).toEqual([{ name: 'rate', perSecond }]);
  });

  it('small jitter of a measured capacity gives the same rows', () => {
    const plan = planOf(relative);
    const rows = openRows(plan, 2, new Map([['warm', achieved(1, 240)]]));
    expect(rows.rows).toHaveLength(36);
    expect(openRows(plan, 2, new Map([['warm', achieved(1, 241.1)]]))).toEqual(rows);
  });

  it('the order of items does not depend on a measured rate', () => {
    const plan = planOf(relative);
    const ids = (audioSeconds: number): string[] =>
      openRows(plan, 2, new Map([['warm', achieved(1, audioSeconds)]])).rows.map((row) => row.item.id);
    expect(ids(400).slice(0, 36)).toEqual(ids(240));
  });

  it('a rate that refers to a stage without an achievement is our bug, and it throws', () => {
    const plan = planOf(relative);
    expect(plan.stages[2]?.refersTo).toEqual(['warm']);
    expect(() => plan.rows(2, nothing)).toThrow('A rate refers to stage warm, which achieved nothing yet.');
  });

  it('the same profile, corpus and seed give the same hash and rows', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('uniform', 'poisson'), (seed, arrivals) => {
        const profile = { ...profileOf(warmup, `${steady('3')}, arrivals: ${arrivals}`), seed };
        expect(planOf(profile).hash).toBe(planOf(profile).hash);
        expect(openRows(planOf(profile), 1)).toEqual(openRows(planOf(profile), 1));
      }),
      { numRuns: 10 },
    );
  });

  it('shared iterations draw exactly so many, each number once, whatever the order of slots', () => {
    const counts = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(counts, counts, fc.infiniteStream(fc.nat()), (vus, iterations, order) => {
        const stage = `name: all, kind: load, executor: shared-iterations, vus: ${vus}, iterations: ${iterations}, for: 5s`;
        const rows = planOf(profileOf(stage)).rows(0, nothing) as ClosedRows;
        const drawn: number[] = [];
        const turns = new Map<number, number>();
        for (let ended = 0; ended < vus; ) {
          const slot = (order.next().value ?? 0) % vus;
          const turn = turns.get(slot) ?? 0;
          turns.set(slot, turn + 1);
          const row = rows.draw(slot, turn);
          if (row === null) {
            ended += 1;
          } else {
            drawn.push(row.seq);
          }
        }
        expect(drawn).toEqual(Array.from({ length: iterations }, (_, n) => n));
      }),
      { numRuns: 50 },
    );
  });

  it('iterations of each VU are counted for each of them', () => {
    const stage = 'name: each, kind: load, executor: per-vu-iterations, vus: 2, iterations: 3, for: 5s';
    const rows = planOf(profileOf(stage)).rows(0, nothing) as ClosedRows;
    const seqs = [0, 1].map((slot) => [0, 1, 2, 3].map((turn) => rows.draw(slot, turn)?.seq ?? null));
    expect(seqs).toEqual([
      [0, 2, 4, null],
      [1, 3, 5, null],
    ]);
  });

  it('the manners of a stage are those of each of its rows', () => {
    const plan = planOf(profileOf(`${warmup}, uploadRate: 1KiB`, `${steady('2')}, disconnectAt: 50%`));
    const closed = plan.rows(0, nothing) as ClosedRows;
    expect(closed.draw(1, 7)?.client).toMatchObject({ uploadBytesPerSecond: 1024 });
    expect(openRows(plan, 1).rows.every(({ client }) => client?.disconnectAtRatio === 0.5)).toBe(true);
  });

  const ramp = (more: string): string =>
    `name: r, kind: load, executor: ramping-vus, fromVus: 1, toVus: 4, for: 5s${more}`;
  it.each<[what: string, one: string, other: string]>([
    ['how long a client waits', ramp(', abandonAfter: 2s'), ramp(', abandonAfter: 3s')],
    ['how often it asks again', ramp(', abandonAfter: 2s'), ramp(', abandonAfter: 2s, retries: 1')],
    ['how fast it writes', ramp(', uploadRate: 1KiB'), ramp(', uploadRate: 2KiB')],
    ['whether it waits at all', ramp(''), ramp(', disconnectAt: 50%')],
    ['where a ramp ends', ramp(''), ramp('').replace('toVus: 4', 'toVus: 5')],
    ['when its slots open', ramp(''), ramp('').replace('5s', '6s')],
    [
      'how many iterations there are',
      'name: a, kind: load, executor: shared-iterations, vus: 2, iterations: 4, for: 5s',
      'name: a, kind: load, executor: shared-iterations, vus: 2, iterations: 5, for: 5s',
    ],
    [
      'whether iterations are shared',
      'name: a, kind: load, executor: shared-iterations, vus: 2, iterations: 4, for: 5s',
      'name: a, kind: load, executor: per-vu-iterations, vus: 2, iterations: 4, for: 5s',
    ],
  ])('%s is part of the hash', (_what, one, other) => {
    expect(planOf(profileOf(one)).hash).not.toBe(planOf(profileOf(other)).hash);
    expect(planOf(profileOf(one)).hash).toBe(planOf(profileOf(one)).hash);
  });

  it.each<[what: string, other: Plan]>([
    ['another seed', planOf({ ...relative, seed: 2 })],
    ['another scale', planOf(scaleProfile(relative, 0.5))],
    ['another corpus', planOf(relative, { ...corpus, digest: 'd2' })],
  ])('%s gives another hash', (_what, other) => {
    expect(other.hash).not.toBe(planOf(relative).hash);
  });

  it('the hash of a known plan does not move between machines or versions', () => {
    expect(planOf(profileOf(`${steady('2')}, arrivals: poisson`)).hash).toBe(
      '297617d9bb68fc71db967a9772188b2109c3fa193dfba3be0bacbc217c0f8e8a',
    );
  });

  it.each<[why: string, stages: readonly string[], of: Corpus, message: string]>([
    ['a corpus without items', [warmup], { ...corpus, items: [] }, 'The corpus c has no items.'],
    [
      'audio seconds of a corpus that has none',
      [warmup, steady('1 x warm audio-seconds')],
      { ...corpus, items: [item('a', 10), item('image', null)] },
      'Stage "steady" has a rate in audio-seconds, but not every item of corpus c has a length.',
    ],
    [
      'more rows than a stage has numbers',
      [steady('200000')],
      corpus,
      'Stage "steady" would send 1000000 requests, and a stage has room for 900000.',
    ],
    [
      'more iterations of all VUs than a stage has numbers',
      ['name: each, kind: load, executor: per-vu-iterations, vus: 1000, iterations: 1000, for: 5s'],
      corpus,
      'Stage "each" would send 1000000 requests, and a stage has room for 900000.',
    ],
  ])('%s is refused before any load', (_why, stages, of, message) => {
    expect(() => planOf(profileOf(...stages), of)).toThrow(message);
  });
});

describe('planSummary', () => {
  it('counts what is known and says what is not', () => {
    const profile = profileOf(
      'name: base, kind: idle, for: 5s',
      warmup,
      steady('1.2 x warm audio-seconds'),
      'name: burst, kind: load, executor: burst, size: 5, for: 10s',
    );
    const summary = planSummary(planOf(profile), corpus, profile);
    expect(summary.stages.map((stage) => [stage.name, stage.requests, stage.requestsKnown, stage.bytes])).toEqual([
      ['base', 0, 'before the run', 0],
      ['warm', null, 'as many as are answered', null],
      ['steady', null, 'resolved at run time', null],
      ['burst', 5, 'before the run', 6_400_000],
    ]);
    expect(summary).toMatchObject({
      durationMs: 25_000,
      knownRequests: 5,
      knownBytes: 6_400_000,
      knownAudioSeconds: 200,
      peakBytesInFlight: 256 * 2_880_000,
    });
    expect(summary.stages[2]?.rates).toEqual(['1.2 x warm audio-seconds']);
  });

  it('says how many iterations there are at most, and how long a search can take', () => {
    const text = [
      withStages(
        'name: all, kind: load, executor: shared-iterations, vus: 4, iterations: 10, for: 1m',
        'name: each, kind: load, executor: per-vu-iterations, vus: 2, iterations: 5, for: 1m',
      ),
      'search: { fromVus: 1, toVus: 8, step: 10s, lull: 5s }',
    ].join('\n');
    const profile = parseProfile(text, 'profiles/x.yaml', detectorIds);
    const summary = planSummary(planOf(profile), corpus, profile);
    expect(summary.stages.map(({ requests, audioSeconds }) => [requests, audioSeconds])).toEqual([
      [10, 400],
      [10, 400],
    ]);
    // 1, 2, 4, 8, then 6 and 5 or 7; of three numbers each may be repeated three times.
    expect(summary.search).toEqual({ fromVus: 1, toVus: 8, mostSteps: 15, longestMs: 225_000 });
    expect(summary.durationMs).toBe(120_000 + 225_000);
    expect(summary.peakBytesInFlight).toBe(8 * 2_880_000);
  });

  it('audio seconds are null where an item has none', () => {
    const profile = profileOf(steady('1'));
    const of = { ...corpus, items: [item('image', null)] };
    expect(planSummary(planOf(profile, of), of, profile).knownAudioSeconds).toBeNull();
  });
});

function achieved(requestsPerSecond: number, audioSecondsPerSecond: number): StageAchievement {
  return { requestsPerSecond, audioSecondsPerSecond };
}
