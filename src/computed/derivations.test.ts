import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { event, line, mib, profile, record, sampleTable, series, stageWindowsOf } from '../testing/build.ts';
import { growth, isSustained, timeToLimit } from './growth.ts';
import { inFlight, stepAt } from './in-flight.ts';
import { kills } from './kills.ts';
import { latency } from './latency.ts';
import { meanShare, stalledShare } from './pressure.ts';
import { processes } from './processes.ts';
import { rates } from './rates.ts';
import { quietWindows, stageWindows } from './stages.ts';

describe('growth', () => {
  it('tells 10 MiB/s and 30 s to a limit that is 300 MiB away', () => {
    const found = growth(line(20, (second) => (100 + 10 * second) * mib));
    expect(found?.bytesPerSecond).toBeCloseTo(10 * mib, 3);
    const eta = found === null ? null : timeToLimit(found.fit, 590 * mib).etaMs;
    expect(eta).toBeCloseTo(30_000, 3);
  });

  it('has no time to the limit while memory rests or falls', () => {
    for (const slope of [0, -5]) {
      const found = growth(line(20, (second) => (500 + slope * second) * mib));
      expect(found === null ? 'none' : timeToLimit(found.fit, 1000 * mib).etaMs).toBeNull();
    }
  });

  it('is not sustained when one step makes more than half of the rise', () => {
    expect(isSustained(series([0, 0, 60, 80, 100]))).toBe(false);
    expect(isSustained(series([0, 25, 50, 75, 100]))).toBe(true);
    expect(isSustained(series([100, 50]))).toBe(false);
  });
});

describe('requests', () => {
  it('takes latency from the planned time, and only of answered requests', () => {
    const records = [
      record(1, { plannedMs: 0, startMs: 900, endMs: 1000 }),
      record(2, { plannedMs: 0, startMs: 0, endMs: 5, outcome: 'reset' }),
      record(3, { plannedMs: 0, startMs: null, endMs: null, outcome: 'dropped' }),
    ];
    expect(latency(records)).toEqual({ p50: 1000, p95: 1000, p99: 1000, max: 1000 });
    expect(latency([])).toEqual({ p50: null, p95: null, p99: null, max: null });
  });

  it('never has a lower percentile for a request that failed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5000), fc.boolean()), { minLength: 1 }), (rows) => {
        const failed = rows.map(([endMs, isOk], seq) =>
          record(seq, { plannedMs: 0, endMs, outcome: isOk ? 'ok' : 'timeout' }),
        );
        const answered = failed.filter((row) => row.outcome === 'ok');
        expect(latency(failed)).toEqual(latency(answered));
      }),
    );
  });

  it('counts in flight from sent to over, never below zero, and to the end if it never was', () => {
    const open = inFlight([
      record(1, { startMs: 100, endMs: 300 }),
      record(2, { startMs: 200, endMs: null }),
      record(3, { startMs: null, endMs: null }),
    ]);
    expect([50, 150, 250, 350].map((tMs) => stepAt(open, tMs))).toEqual([0, 1, 2, 1]);
  });

  it('has rates whose sum over the buckets is the number of requests', () => {
    const records = Array.from({ length: 90 }, (_, seq) => record(seq, { plannedMs: seq * 100 }));
    const { offered } = rates(records, 1000, 9500);
    expect(offered.values[0]).toBe(10);
    expect([...offered.values].slice(0, 9).reduce((sum, value) => sum + value, 0)).toBe(90);
  });
});

describe('stages', () => {
  it('are what was run: a skipped one is missing, an open one ends with the run', () => {
    const windows = stageWindows(
      profile(),
      [
        event(10, 'stage_start', { stage: 'base', subject: 'base' }),
        event(30_010, 'stage_end', { stage: 'base', subject: 'base' }),
        event(30_020, 'stage_start', { stage: 'load', subject: 'load' }),
        event(30_020, 'rate_resolved', { stage: 'load', subject: 'rate', detail: '2.5' }),
        event(40_000, 'stage_skipped', { stage: 'after', subject: 'after' }),
      ],
      40_000,
    );
    expect(windows.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
      ['base', 10, 30_010],
      ['load', 30_020, 40_000],
    ]);
    expect(windows[1]?.rates).toEqual([{ name: 'rate', perSecond: 2.5 }]);
  });

  it.each([
    { why: 'nothing is in flight', steps: [[0, 0]], free: [[20, 50]] },
    {
      why: 'an answer comes late',
      steps: [
        [10, 1],
        [25, 0],
      ],
      free: [[25, 50]],
    },
    {
      why: 'one more is sent in between',
      steps: [
        [10, 1],
        [25, 0],
        [30, 1],
        [40, 0],
      ],
      free: [
        [25, 30],
        [40, 50],
      ],
    },
    { why: 'one is never answered', steps: [[10, 1]], free: [] },
  ])('are quiet after load where $why', ({ steps, free }) => {
    const stages = stageWindowsOf([
      ['base', 'idle', 10],
      ['load', 'load', 10],
      ['rest', 'lull', 20],
      ['still', 'silence', 10],
    ]);
    const open = {
      tMs: Float64Array.from(steps, ([second]) => (second ?? 0) * 1000),
      values: Float64Array.from(steps, ([, count]) => count ?? 0),
    };
    expect(quietWindows(stages, open).map(({ startMs, endMs }) => [startMs / 1000, endMs / 1000])).toEqual(free);
  });
});

describe('the kernel', () => {
  it('tells pressure as the share of time between samples, and a fall of the counter is a gap', () => {
    const share = stalledShare(series([0, 250_000, null, 1_250_000, 100]));
    expect([...share.values]).toEqual([Number.NaN, 0.25, Number.NaN, 0.5, Number.NaN]);
  });

  it('averages pressure by time, and not over what was hardly measured', () => {
    expect(
      meanShare(
        line(20, (second) => (second > 10 ? 0.5 : 0)),
        15_000,
        10_000,
      ),
    ).toBeCloseTo(0.25, 6);
    expect(
      meanShare(
        line(4, () => 1),
        3000,
        10_000,
      ),
    ).toBeNull();
  });

  it.each([
    { why: 'the counter rose by two', counter: [0, 0, 2], events: [], found: { cgroupKills: 2, firstMs: 2000 } },
    { why: 'it stood at three all the time', counter: [3, 3], events: [], found: { cgroupKills: 0, firstMs: null } },
    {
      why: 'the group vanished, but the event stayed',
      counter: [0, null],
      events: [event(1500, 'oom_kill', { subject: 'v1:/trial' })],
      found: { cgroupKills: 1, firstMs: 1500 },
    },
  ])('has killed as $why', ({ counter, events, found }) => {
    expect(kills(sampleTable({ 'cgroup/v1:/trial/oom_kills': series(counter) }), events)).toMatchObject(found);
  });

  it('has nothing to say about kills where no counter was read', () => {
    expect(kills(sampleTable({}), [])).toHaveProperty('unavailable', true);
  });

  it('shows a process that changed its name as one life', () => {
    const lives = processes(
      sampleTable({
        'process/node#7/rss_anon_bytes': series([1]),
        'process/ref-cold#7/rss_anon_bytes': series([1, 1, 1], 1000, 1000),
      }),
      [
        event(0, 'process_start', { subject: 'node#7', detail: 'pid 7, role node, start ticks 5, parent 1, root' }),
        event(1000, 'process_start', { subject: 'ref-cold#7', detail: 'pid 7, role ref-cold, parent 1, was node#7' }),
        event(3500, 'process_gone', { subject: 'ref-cold#7' }),
      ],
    );
    expect(lives).toEqual([
      expect.objectContaining({ instance: 'ref-cold#7', firstMs: 0, lastMs: 3000, goneMs: 3500, isRoot: false }),
    ]);
  });
});
