import { describe, expect, it } from 'vitest';
import { inFlight } from '../computed/in-flight.ts';
import type { Artifacts } from '../model/artifacts.ts';
import type { Verdict } from '../model/detector.ts';
import type { RequestRecord } from '../model/record.ts';
import { context, event, footprint, healthyArtifacts, line, mib, record, stageWindowsOf } from '../testing/build.ts';
import { coldMultiplier } from './cold-multiplier.ts';

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
      why: 'what lay there before the load went away, so that the level before it was no rest',
      run: calls(
        [
          { atOnce: 8, mib: 2108 },
          { atOnce: 1, mib: 100 },
        ],
        { coldMib: 1500 },
      ),
      verdict: 'inconclusive',
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
