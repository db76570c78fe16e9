import { describe, expect, it } from 'vitest';
import type { Sample } from '../../model/probe.ts';
import type { AbortCondition } from '../../model/profile.ts';
import type { Outcome, RequestRecord } from '../../model/record.ts';
import { record, stage } from '../../testing/build.ts';
import { manualClock } from '../../testing/manual-clock.ts';
import { type AbortStop, AbortWatch } from './abort-watch.ts';

const stages = [stage('warm', 'warmup', 60_000), stage('load', 'load', 600_000)];
const failing: AbortCondition = { when: 'error-ratio', above: 0.5, forMs: 20_000 };
const slow: AbortCondition = { when: 'p95-ms', above: 1000, forMs: 20_000 };
const unhealthy: AbortCondition = { when: 'unhealthy-ms', above: 5000, forMs: 10_000 };

function health(value: number | null): Sample[] {
  return [{ scope: 'target', instance: 'health', metric: 'health_ok', value }];
}

interface Second {
  requests?: readonly Partial<RequestRecord>[];
  health?: number | null;
}

/** One tick a second; what a second holds has ended, or was answered, just before its tick. */
async function stopsOf(
  conditions: readonly AbortCondition[],
  seconds: number,
  at: (second: number) => Second,
): Promise<{ second: number; stop: AbortStop }[]> {
  const clock = manualClock();
  const watch = new AbortWatch(conditions, stages);
  const stops: { second: number; stop: AbortStop }[] = [];
  for (let second = 0; second < seconds; second += 1) {
    await clock.advance(1000);
    const { requests = [], health: answer } = at(second);
    const endMs = clock.nowMs();
    for (const over of requests) {
      watch.request(record(second, { plannedMs: endMs - 200, endMs, ...over }));
    }
    const stop = watch.observe(answer === undefined ? [] : health(answer), endMs);
    if (stop !== null) {
      stops.push({ second, stop });
    }
  }
  return stops;
}

const ended = (outcome: Outcome, count = 1): Partial<RequestRecord>[] =>
  Array.from({ length: count }, () => ({ outcome }));

describe('AbortWatch', () => {
  it('ends a load of which more than the share failed in the window, once, with the numbers', async () => {
    // Half of the requests fail from the start, all of them from second 30 on.
    const stops = await stopsOf([failing], 60, (second) => ({
      requests: [...ended('http_error'), ...ended(second < 30 ? 'ok' : 'timeout')],
    }));
    expect(stops).toEqual([
      {
        second: 30,
        stop: {
          when: 'error-ratio',
          reason: '22 of 42 requests in the last 20.0 s failed (52 %, at most 50 %)',
        },
      },
    ]);
  });

  it('looks no further back than its window', async () => {
    const stops = await stopsOf([failing], 60, (second) => ({ requests: ended(second < 10 ? 'reset' : 'ok', 2) }));
    expect(stops).toEqual([]);
  });

  it.each<[why: string, requests: readonly Partial<RequestRecord>[]]>([
    ['what was dropped was never sent', ended('dropped', 3)],
    ['a client that lets go does as its profile says', ended('cancelled', 3)],
    ['what a warmup does is not judged', ended('http_error', 3).map((over) => ({ ...over, stage: 'warm' }))],
    ['one request in three seconds is too few', []],
  ])('%s', async (_why, requests) => {
    const stops = await stopsOf([failing], 50, (second) => ({
      requests: [...requests, ...(second % 3 === 0 ? ended(requests.length === 0 ? 'timeout' : 'ok') : [])],
    }));
    expect(stops).toEqual([]);
  });

  it('a load that has not lasted as long as its window is not judged yet', async () => {
    const stops = await stopsOf([failing], 60, () => ({ requests: ended('refused', 5) }));
    expect(stops.map(({ second }) => second)).toEqual([20]);
  });

  it('ends a load whose p95 from the planned time is too long', async () => {
    const stops = await stopsOf([slow], 60, (second) => ({
      requests: second < 30 ? [{}] : [{ plannedMs: second * 1000 - 2000 }],
    }));
    expect(stops).toHaveLength(1);
    expect(stops[0]).toMatchObject({ second: 31, stop: { when: 'p95-ms' } });
    expect(stops[0]?.stop.reason).toBe('the p95 of 21 requests in the last 20.0 s is 3.0 s (at most 1.0 s)');
  });

  it('a failure counts as endless in the p95, however soon it came', async () => {
    const stops = await stopsOf([slow], 60, () => ({ requests: ended('http_error') }));
    expect(stops[0]?.stop.reason).toContain('is a failure');
  });

  it('ends a load while which health gives no good answer for too long', async () => {
    const stops = await stopsOf([unhealthy], 60, (second) => ({ health: second < 10 ? 1 : 0 }));
    expect(stops).toEqual([
      {
        second: 16,
        stop: { when: 'unhealthy-ms', reason: 'health gave no good answer for 6.0 s (at most 5.0 s)' },
      },
    ]);
  });

  it.each<[why: string, answer: (second: number) => number | null | undefined]>([
    ['one good answer begins the span anew', (second) => (second % 5 === 0 ? 1 : 0)],
    ['a silence in which nobody asks is no bad answer', (second) => (second % 20 === 0 ? 0 : undefined)],
    ['a reading that is not there is no bad answer', () => null],
  ])('%s', async (_why, answer) => {
    const stops = await stopsOf([unhealthy], 60, (second) => {
      const value = answer(second);
      return value === undefined ? {} : { health: value };
    });
    expect(stops).toEqual([]);
  });

  it('of several conditions the first that holds ends the load, and no other speaks after it', async () => {
    const stops = await stopsOf([slow, failing, unhealthy], 60, () => ({ requests: ended('timeout', 2), health: 0 }));
    expect(stops.map(({ stop }) => stop.when)).toEqual(['unhealthy-ms']);
  });

  it('without conditions nothing is ever ended', async () => {
    expect(await stopsOf([], 30, () => ({ requests: ended('timeout', 5), health: 0 }))).toEqual([]);
  });
});
