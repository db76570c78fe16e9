import { describe, expect, it } from 'vitest';
import type { HistoryAcceptance, HistoryLine, HistoryReference } from '../../model/history.ts';
import { pastNight, shippedConstants, testedSeries } from '../../testing/gate-nights.ts';
import { type Past, pastOf, referenceOf, usualNights } from './past.ts';

const peak = { id: 'peak-memory', stage: null, instance: null };
const { relative } = shippedConstants();
const tonight = { sessionId: 'tonight', at: '2026-06-01T00:00:00.000Z' };
const nights = Array.from({ length: 10 }, (_, order) => pastNight(order, 100));
/** Five nights on another level, each refused as a suspect. */
const shifted = Array.from({ length: 5 }, (_, index) =>
  pastNight(10 + index, 200, {
    isAccepted: false,
    state: 'fail',
    metrics: pastNight(0, 200).metrics.map((metric) => ({ ...metric, isSuspect: true })),
  }),
);

function acceptance(over: Partial<HistoryAcceptance> = {}): HistoryAcceptance {
  return {
    kind: 'acceptance',
    schemaVersion: '0.2',
    series: testedSeries,
    at: '2026-01-16T00:00:00.000Z',
    author: 'ann',
    reason: 'the new model is larger',
    expiresAt: null,
    fromSessionId: 'night-10',
    ...over,
  };
}
const pin = (median: number, runs: number): HistoryReference => ({
  kind: 'reference',
  schemaVersion: '0.2',
  series: testedSeries,
  at: '2026-01-16T00:00:00.000Z',
  author: 'ann',
  reason: 'the new model is larger',
  sessionIds: ['night-10'],
  metrics: [{ ...peak, median, runs }],
});
const mediansOf = (past: Past): number[] => usualNights(past, peak).map(({ median }) => median);
const reference = (past: Past): number | null =>
  referenceOf(past, peak, usualNights(past, peak), relative)?.median ?? null;
const past = (lines: readonly HistoryLine[]): Past => pastOf(lines, testedSeries, tonight);

describe('what counts as usual', () => {
  it('keeps a lasting shift out until somebody accepts it', () => {
    expect(mediansOf(past([...nights, ...shifted]))).toEqual(Array.from({ length: 10 }, () => 100));
  });

  it('begins anew with an accepted shift, and takes the nights of it that were refused', () => {
    const after = past([...nights, ...shifted, acceptance(), pin(200, 15), pastNight(15, 201)]);
    expect(mediansOf(after)).toEqual([200, 200, 200, 200, 200, 201]);
    expect(reference(after)).toBe(200);
  });

  it('still refuses what is suspect after the acceptance', () => {
    const later = pastNight(16, 300, { isAccepted: false, state: 'fail' });
    expect(mediansOf(past([...nights, ...shifted, acceptance(), later]))).toEqual([200, 200, 200, 200, 200]);
  });

  it.each([
    { why: 'before it ends', expiresAt: '2026-07-01T00:00:00.000Z', first: 200 },
    { why: 'after it has ended', expiresAt: '2026-05-01T00:00:00.000Z', first: 100 },
  ])('holds an acceptance by the time of the session: $why', ({ expiresAt, first }) => {
    expect(mediansOf(past([...nights, ...shifted, acceptance({ expiresAt })]))[0]).toBe(first);
  });

  it('takes a session that was written twice as it was written last, in its first place', () => {
    const again = pastNight(3, 100, { isAccepted: false, state: 'flaky' });
    const { accepted, nights: all } = past([...nights, again]);
    expect(all.map(({ sessionId }) => sessionId)).toEqual(nights.map(({ sessionId }) => sessionId));
    expect(accepted).toHaveLength(9);
  });

  it('looks only at what was before the session, by its place in the file and not by its clock', () => {
    const [first, ...rest] = nights;
    const late = { ...first, at: '2027-01-01T00:00:00.000Z' } as (typeof nights)[number];
    const seen = pastOf([late, ...rest], testedSeries, { sessionId: 'night-4', at: '2026-01-05T00:00:00.000Z' });
    expect(seen.nights.map(({ sessionId }) => sessionId)).toEqual(['night-0', 'night-1', 'night-2', 'night-3']);
  });

  it('knows nothing of other series', () => {
    expect(pastOf(nights, 'another-series', tonight).nights).toEqual([]);
  });
});

describe('the reference', () => {
  it.each([
    { why: 'no night', lines: [], median: null },
    { why: 'six nights', lines: nights.slice(0, 6), median: null },
    { why: 'the first seven nights', lines: [...nights.slice(0, 7), pastNight(7, 900)], median: 100 },
    { why: 'pinned of enough runs', lines: [...nights, pin(150, 7)], median: 150 },
    { why: 'pinned of too few runs, so the first nights count', lines: [...nights, pin(150, 6)], median: 100 },
    { why: 'pinned before the acceptance', lines: [...nights, pin(150, 9), ...shifted, acceptance()], median: null },
  ])('is $median: $why', ({ lines, median }) => {
    expect(reference(past(lines))).toBe(median);
  });
});
