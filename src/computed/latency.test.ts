import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../testing/build.ts';
import { latenciesByBucket, latency } from './latency.ts';

const reply = fc.record({
  plannedMs: fc.integer({ min: -20, max: 120 }),
  endMs: fc.option(fc.integer({ min: 120, max: 400 })),
  outcome: fc.constantFrom('ok', 'timeout'),
});

describe('latencies by bucket', () => {
  it('holds of each bucket the answers that were planned in it, ascending, and no others', () => {
    fc.assert(
      fc.property(fc.array(reply), (replies) => {
        const buckets = latenciesByBucket(
          replies.map((over, seq) => record(seq, over)),
          10,
          10,
        );
        const expected = Array.from({ length: 10 }, (_, bucket) =>
          replies
            .filter(({ plannedMs, outcome }) => outcome === 'ok' && Math.floor(plannedMs / 10) === bucket)
            .flatMap(({ plannedMs, endMs }) => (endMs === null ? [] : [endMs - plannedMs]))
            .toSorted((a, b) => a - b),
        );
        expect(buckets.map((values) => [...values])).toEqual(expected);
      }),
    );
  });

  it('leaves out a request whose planned time is not known', () => {
    const unknown = record(0, { plannedMs: Number.NaN, endMs: 5 });
    expect(latenciesByBucket([unknown], 10, 2).map((values) => values.length)).toEqual([0, 0]);
    expect(latency([unknown]).max).toBeNull();
  });
});
