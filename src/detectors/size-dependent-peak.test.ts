import { describe, expect, it } from 'vitest';
import { inFlight } from '../computed/in-flight.ts';
import type { Artifacts } from '../model/artifacts.ts';
import type { Verdict } from '../model/detector.ts';
import { context, footprint, healthyArtifacts, line, mib, record, series, stageWindowsOf } from '../testing/build.ts';
import { sizeDependentPeak } from './size-dependent-peak.ts';

function recordings(
  secondsOf: (index: number) => number,
  bytes: (audioSeconds: number, second: number) => number | null,
  over: { longestS?: number; limitMib?: number; count?: number; unknown?: boolean; refusedAboveS?: number } = {},
): Artifacts {
  const count = over.count ?? 30;
  const records = Array.from({ length: count }, (_, index) =>
    record(index, {
      itemId: `clip-${index}`,
      plannedMs: 30_000 + 2000 * index,
      startMs: 30_000 + 2000 * index,
      endMs: 32_000 + 2000 * index,
      ...(secondsOf(index) > (over.refusedAboveS ?? Number.POSITIVE_INFINITY)
        ? { status: 413, outcome: 'http_error' as const }
        : {}),
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
      why: 'what would not fit is refused with 413, and takes no memory',
      run: recordings(
        (index) => (index === 20 ? 900 : mixed(index)),
        (seconds) => (seconds > 120 ? 100 * mib : perSecond(seconds)),
        {
          refusedAboveS: 120,
        },
      ),
      verdict: 'ok',
    },
    {
      why: 'a larger one than the one that was refused is in the corpus',
      run: recordings(
        (index) => (index === 20 ? 900 : mixed(index)),
        (seconds) => (seconds > 120 ? 100 * mib : perSecond(seconds)),
        {
          refusedAboveS: 120,
          longestS: 1000,
        },
      ),
      verdict: 'ok',
    },
    {
      why: 'what was refused says nothing of what is taken',
      run: recordings(
        (index) => (index === 20 ? 900 : mixed(index)),
        (seconds) => (seconds > 120 ? 100 * mib : perSecond(seconds)),
        {
          refusedAboveS: 120,
          longestS: 800,
        },
      ),
      verdict: 'fail',
    },
    {
      why: 'memory scatters about its line, as where one of several in flight is worked on at a time',
      run: recordings(mixed, (seconds, second) => (100 + 2 * seconds + 40 * ((second * 7) % 5)) * mib, {
        longestS: 1500,
      }),
      verdict: 'fail',
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

  it('says from which size on the server refuses', () => {
    const run = recordings((index) => (index === 20 ? 900 : mixed(index)), perSecond, { refusedAboveS: 120 });
    const { summary, evidence } = sizeDependentPeak.detect(run, context());
    expect(summary).toContain('the largest item below 900 seconds of audio, which was refused with 413, fits.');
    expect(evidence).toMatchObject({ smallestRefused: 900, largestItem: 120 });
  });

  it('has nothing to say of a run without requests', () => {
    const run = recordings(mixed, perSecond);
    const none = { ...run, records: [], footprint: footprint(series([100 * mib])) };
    expect(sizeDependentPeak.detect(none, context()).verdict).toBe('not-applicable');
  });
});
