import { describe, expect, it } from 'vitest';
import { inFlight } from '../computed/in-flight.ts';
import type { Artifacts } from '../model/artifacts.ts';
import type { Verdict } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';
import {
  context,
  event,
  footprint,
  healthyArtifacts,
  line,
  mib,
  record,
  series,
  stageWindowsOf,
} from '../testing/build.ts';
import { type Level, ladderRun } from '../testing/ladder-run.ts';
import { coldMultiplier } from './cold-multiplier.ts';
import { concurrencyAmplification } from './concurrency-amplification.ts';
import { sizeDependentPeak } from './size-dependent-peak.ts';

describe('concurrency-amplification', () => {
  const one: Level = { vus: 1, peakMib: 490 };
  const rows: { why: string; levels: readonly Level[]; limitMib?: number; verdict: Verdict }[] = [
    {
      why: 'the sandbox: one fits, the guard ends two, eight were asked for',
      levels: [one, { vus: 2, peakMib: 640, end: 'guard_stop' }, { vus: 8, peakMib: 0, isSkipped: true }],
      verdict: 'fail',
    },
    {
      why: 'the sandbox whose children are killed, while the parent lives on',
      levels: [one, { vus: 2, peakMib: 704, end: 'oom_kill' }, { vus: 8, peakMib: 704, end: 'oom_kill' }],
      verdict: 'fail',
    },
    {
      why: 'after the kill nobody listens, which proves nothing of eight at once',
      levels: [one, { vus: 2, peakMib: 704, end: 'oom_kill' }, { vus: 8, peakMib: 40, isRefused: true }],
      verdict: 'fail',
    },
    { why: 'one caller alone, as asked for', levels: [one], verdict: 'ok' },
    {
      why: 'an overload that a bounded server answers with 429',
      levels: [one, { vus: 8, peakMib: 500 }, { vus: 64, peakMib: 510 }],
      verdict: 'ok',
    },
    { why: 'memory that never moves', levels: [1, 8, 64].map((vus) => ({ vus, peakMib: 42 })), verdict: 'ok' },
    {
      why: 'a ladder that held all it asked for at 88 % of the limit',
      levels: [1, 2, 4].map((vus) => ({ vus, peakMib: 40 + 145 * vus })),
      verdict: 'ok',
    },
    {
      why: 'the projection is below the limit, but not by half as much again',
      levels: [
        { vus: 1, peakMib: 100 },
        { vus: 10, peakMib: 640, end: 'guard_stop' },
        { vus: 11, peakMib: 0, isSkipped: true },
      ],
      verdict: 'warn',
    },
    {
      why: 'memory that stayed after each level may be a leak: it warns and does not fail',
      levels: [
        { vus: 1, peakMib: 300, floorMib: 200 },
        { vus: 2, peakMib: 500, floorMib: 400 },
        { vus: 4, peakMib: 640, floorMib: 400, end: 'guard_stop' },
        { vus: 8, peakMib: 0, isSkipped: true },
      ],
      verdict: 'warn',
    },
    {
      why: 'the first level was ended by memory',
      levels: [{ vus: 4, peakMib: 640, end: 'guard_stop' }],
      verdict: 'inconclusive',
    },
    { why: 'no level', levels: [], verdict: 'not-applicable' },
  ];

  it.each(rows)('is $verdict: $why', ({ levels, limitMib = 704, verdict }) => {
    expect(concurrencyAmplification.detect(ladderRun(levels, { limitMib }), context()).verdict).toBe(verdict);
  });

  it('names the safe concurrency, the limit that would be needed, and who holds it, without any kill', () => {
    const run = ladderRun([one, { vus: 2, peakMib: 640, end: 'guard_stop' }, { vus: 8, peakMib: 0, isSkipped: true }]);
    const finding = concurrencyAmplification.detect(run, context());
    expect(finding).toMatchObject({
      stage: 'vus-8',
      evidence: { holder: 'front', safeConcurrency: 1, askedConcurrency: 8, limitBytes: 704 * mib },
      remedy: 'Admit at most 1 at once and answer 429 to the rest, or raise the limit to 3.95 GiB for 8 at once.',
    });
    expect(finding.value).toBeCloseTo(3640 / 704, 2);
    expect(finding.summary).toContain('Safe: 1 at once.');
  });
});

/** 20 s of rest, then stages of 10 s with so many calls at once, each followed by 10 s of rest. */
function calls(
  stages: readonly { atOnce: number; mib: number | null }[],
  over: { coldMib?: number; warmMib?: number; events?: Artifacts['events'] } = {},
): Artifacts {
  const windows = stageWindowsOf([
    ['base', 'idle', 20],
    ...stages.flatMap(
      (_, index) =>
        [
          [`calls-${index + 1}`, 'load', 10],
          [`rest-${index + 1}`, 'lull', 10],
        ] as const,
    ),
  ]);
  const records: RequestRecord[] = stages.flatMap(({ atOnce }, index) =>
    Array.from({ length: atOnce === 1 ? 3 : atOnce }, (_, call) => {
      const startMs = 20_000 + 20_000 * index + (atOnce === 1 ? 3000 * call : call);
      return record(100 * index + call, { startMs, plannedMs: startMs, endMs: startMs + 2500 });
    }),
  );
  const held = (second: number): number | null => {
    const index = Math.floor((second - 20) / 20);
    const level = stages[index];
    if (second < 20 || level === undefined) {
      return (over.coldMib ?? 60) * mib;
    }
    const bytes = (second - 20) % 20 < 10 ? level.mib : (over.warmMib ?? 316);
    return bytes === null ? null : bytes * mib;
  };
  return healthyArtifacts({
    stages: windows,
    records,
    events: over.events ?? [],
    inFlight: inFlight(records),
    footprint: footprint(line(20 + 20 * stages.length, held), { baselineBytes: (over.coldMib ?? 60) * mib }),
  });
}

describe('cold-multiplier', () => {
  const alone = { atOnce: 1, mib: 320 };
  const warm = { atOnce: 8, mib: 340 };
  const rows: { why: string; run: Artifacts; verdict: Verdict; value?: number }[] = [
    {
      why: 'eight callers each load 256 MiB',
      run: calls([{ atOnce: 8, mib: 2108 }, alone, warm]),
      verdict: 'fail',
      value: 7.31,
    },
    { why: 'one loads, seven wait', run: calls([{ atOnce: 8, mib: 340 }, alone, warm]), verdict: 'ok', value: 1 },
    {
      why: 'each request needs 100 MiB, cold or warm',
      run: calls([
        { atOnce: 8, mib: 1116 },
        { atOnce: 1, mib: 416 },
        { atOnce: 8, mib: 1116 },
      ]),
      verdict: 'ok',
      value: 1,
    },
    {
      why: 'without warm calls it cannot be told from that',
      run: calls([{ atOnce: 8, mib: 2108 }, alone]),
      verdict: 'warn',
    },
    {
      why: 'it was loaded before the port opened',
      run: calls([{ atOnce: 8, mib: 340 }, alone, warm], { coldMib: 316 }),
      verdict: 'not-applicable',
    },
    { why: 'the first call came alone', run: calls([alone, warm]), verdict: 'not-applicable' },
    { why: 'nothing came after', run: calls([{ atOnce: 8, mib: 2108 }]), verdict: 'not-applicable' },
    {
      why: 'the guard ended the first calls',
      run: calls([{ atOnce: 8, mib: 2108 }], { events: [event(25_000, 'guard_stop', { subject: 'target' })] }),
      verdict: 'inconclusive',
    },
    {
      why: 'the first calls have no sample',
      run: calls([{ atOnce: 8, mib: null }, alone, warm]),
      verdict: 'inconclusive',
    },
    { why: 'no request', run: { ...calls([]), stages: [] }, verdict: 'not-applicable' },
  ];

  it.each(rows)('is $verdict: $why', ({ run, verdict, value }) => {
    const found = coldMultiplier.detect(run, context());
    expect(found.verdict).toBe(verdict);
    if (value !== undefined) {
      expect(found.value).toBeCloseTo(value, 1);
    }
  });

  it('has nothing to compare with when no time of rest came first', () => {
    const run = calls([{ atOnce: 8, mib: 2108 }, alone, warm]);
    const found = coldMultiplier.detect({ ...run, footprint: { ...run.footprint, baselineBytes: null } }, context());
    expect(found).toMatchObject({ verdict: 'inconclusive' });
  });

  it('says how many called, what each way cost, and where', () => {
    const found = coldMultiplier.detect(calls([{ atOnce: 8, mib: 2108 }, alone, warm]), context());
    expect(found).toMatchObject({ stage: 'calls-1', startedMs: 20_000, evidence: { holder: 'front', atOnce: 8 } });
    expect(found.summary).toBe(
      '8 first calls at once added 2.00 GiB; one call alone 260 MiB, and as many warm calls 280 MiB: 7.3 times what loading once takes.',
    );
  });
});

/** A stage of 60 s in which one recording after another is sent, each for 2 s; memory as `bytes` says. */
function recordings(
  secondsOf: (index: number) => number,
  bytes: (audioSeconds: number, second: number) => number | null,
  over: { longestS?: number; limitMib?: number; count?: number; unknown?: boolean } = {},
): Artifacts {
  const count = over.count ?? 30;
  const records = Array.from({ length: count }, (_, index) =>
    record(index, {
      itemId: `clip-${index}`,
      plannedMs: 30_000 + 2000 * index,
      startMs: 30_000 + 2000 * index,
      endMs: 32_000 + 2000 * index,
    }),
  );
  const traits = (audioSeconds: number): { bytes: number; audioSeconds: number; pixels: null } => ({
    bytes: 16_000 * audioSeconds,
    audioSeconds,
    pixels: null,
  });
  const items = new Map(records.map(({ itemId }, index) => [itemId, traits(secondsOf(index))] as const));
  if (over.longestS !== undefined) {
    items.set('clip-longest', traits(over.longestS));
  }
  const total = line(150, (second) => {
    const index = Math.ceil((second - 30) / 2) - 1;
    return index < 0 || index >= count ? 100 * mib : bytes(secondsOf(index), second);
  });
  return healthyArtifacts({
    stages: stageWindowsOf([
      ['base', 'idle', 30],
      ['load', 'load', 60],
      ['after', 'lull', 60],
    ]),
    records,
    items: over.unknown === true ? new Map() : items,
    inFlight: inFlight(records),
    footprint: footprint(total),
    limit: { bytes: (over.limitMib ?? 1024) * mib, source: 'cgroup v1 /trial', isCgroup: true },
  });
}

describe('size-dependent-peak', () => {
  const mixed = (index: number): number => [10, 60, 30, 120, 20, 90][index % 6] ?? 10;
  const perSecond = (audioSeconds: number): number => (100 + 2 * audioSeconds) * mib;
  const rows: { why: string; run: Artifacts; verdict: Verdict }[] = [
    {
      why: 'the longest of the corpus needs more than the limit',
      run: recordings(mixed, perSecond, { longestS: 900 }),
      verdict: 'fail',
    },
    { why: 'it would pass 90 % of the limit', run: recordings(mixed, perSecond, { longestS: 440 }), verdict: 'warn' },
    { why: 'the longest fits', run: recordings(mixed, perSecond, { longestS: 200 }), verdict: 'ok' },
    {
      why: 'the longest was sent and the run went on',
      run: recordings(mixed, perSecond, { limitMib: 345 }),
      verdict: 'ok',
    },
    {
      why: 'memory does not follow the size',
      run: recordings(mixed, () => 300 * mib, { longestS: 9000 }),
      verdict: 'ok',
    },
    {
      why: "a garbage collector's sawtooth",
      run: recordings(mixed, (_, second) => (200 + 40 * (second % 7)) * mib, { longestS: 9000 }),
      verdict: 'ok',
    },
    {
      why: 'a leak, while sizes come in any order',
      run: recordings(mixed, (_, second) => (100 + 10 * (second - 30)) * mib, { longestS: 9000 }),
      verdict: 'ok',
    },
    {
      why: 'a warm-up that fills as the recordings get longer, then rests',
      run: recordings(
        (index) => 10 + index,
        (_, second) => (100 + Math.min(400, 25 * (second - 30))) * mib,
        { longestS: 9000 },
      ),
      verdict: 'ok',
    },
    { why: 'recordings of one length', run: recordings(() => 30, perSecond), verdict: 'not-applicable' },
    {
      why: 'a run that kept no items',
      run: recordings(mixed, perSecond, { unknown: true }),
      verdict: 'not-applicable',
    },
    { why: 'too few samples', run: recordings(mixed, perSecond, { count: 5, longestS: 900 }), verdict: 'inconclusive' },
    {
      why: 'most samples are gaps',
      run: recordings(mixed, (seconds, second) => (second % 8 === 0 ? perSecond(seconds) : null), { longestS: 900 }),
      verdict: 'inconclusive',
    },
  ];

  it.each(rows)('is $verdict: $why', ({ run, verdict }) => {
    const found = sizeDependentPeak.detect(run, context());
    expect([found.verdict, found.summary]).toEqual([verdict, expect.any(String)]);
  });

  it('names the unit, what each costs, and the size to refuse', () => {
    const found = sizeDependentPeak.detect(recordings(mixed, perSecond, { longestS: 900 }), context());
    expect(found).toMatchObject({
      stage: 'load',
      startedMs: 30_000,
      evidence: {
        holder: 'front',
        unit: 'audioSeconds',
        bytesPerUnit: expect.closeTo(2 * mib, -4) as number,
        largestItem: 900,
      },
    });
    expect(found.remedy).toMatch(
      /^Refuse inputs above 41\d seconds of audio with 413, or raise the limit to 2\.06 GiB\.$/,
    );
  });

  it('has nothing to say of a run without requests', () => {
    const run = recordings(mixed, perSecond);
    const none = { ...run, records: [], footprint: footprint(series([100 * mib])) };
    expect(sizeDependentPeak.detect(none, context()).verdict).toBe('not-applicable');
  });
});
