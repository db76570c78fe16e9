import { describe, expect, it } from 'vitest';
import type { Verdict } from '../model/detector.ts';
import type { SearchResult, SearchStep } from '../model/search.ts';
import { context, mib } from '../testing/build.ts';
import { type Level, ladderRun } from '../testing/ladder-run.ts';
import { concurrencyAmplification } from './concurrency-amplification.ts';

const aStep: SearchStep = {
  name: 'step-1',
  vus: 16,
  planHash: '',
  startMs: 0,
  endMs: 1,
  answered: 0,
  achievedPerSecond: null,
  p95Ms: null,
  errorRatio: null,
  verdict: 'kept',
  why: '',
};

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
    {
      why: 'a queue swings, and its peak is that of all who were there for a while, not of the mean',
      levels: [{ vus: 48, leaving: 30, peakMib: 570 }],
      verdict: 'ok',
    },
    {
      why: 'the same peak of so many is too near the limit to count as held',
      levels: [{ vus: 48, leaving: 30, peakMib: 660 }],
      verdict: 'fail',
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
      why: 'a line through two points that stays within the limit alarms nobody',
      levels: [
        { vus: 1, peakMib: 100 },
        { vus: 8, peakMib: 520 },
        { vus: 10, peakMib: 0, isRefused: true },
      ],
      verdict: 'inconclusive',
    },
    {
      why: 'arithmetic alone, far beyond what was measured, calls nothing safe',
      levels: [
        { vus: 1, peakMib: 60 },
        { vus: 32, peakMib: 0, isRefused: true },
      ],
      limitMib: 16_384,
      verdict: 'inconclusive',
    },
    {
      why: 'what was asked for lies near what was measured, and the reserve above it is arithmetic',
      levels: [
        { vus: 1, peakMib: 60 },
        { vus: 4, peakMib: 0, isRefused: true },
      ],
      limitMib: 16_384,
      verdict: 'ok',
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

  it('divides no leak by the concurrency, and names the whole next command', () => {
    const leaky = [1, 2, 2, 2].map((vus, index) => ({ vus, peakMib: 100 + 90 * index, floorMib: 80 + 90 * index }));
    const finding = concurrencyAmplification.detect(
      ladderRun(leaky),
      context({ confirming: 'bench run leak-rounds --target http://127.0.0.1:8000' }),
    );
    expect(finding).toMatchObject({ verdict: 'warn', value: null });
    expect(finding.summary).toContain('No number at once is known to fit');
    expect(finding.remedy).toContain('`bench run leak-rounds --target http://127.0.0.1:8000`');
  });

  const found: SearchResult = {
    kneeVus: null,
    lastGoodVus: 8,
    firstBrokenVus: 16,
    confirmedVus: 8,
    unconfirmedWhy: null,
    isCumulative: false,
    why: '16 at once: memory is at 90 %',
    steps: [],
  };
  const stopped = { ...aStep, verdict: 'stopped' as const };
  const open = { ...found, confirmedVus: null, unconfirmedWhy: 'it rose' };
  it.each<{ why: string; search: SearchResult; verdict: Verdict; says: string }>([
    { why: 'its number held again', search: found, verdict: 'ok', says: '8 at once are safe under 704 MiB' },
    { why: 'its number held once', search: open, verdict: 'warn', says: 'which does not make them safe' },
    { why: 'memory followed the answers', search: { ...open, isCumulative: true }, verdict: 'warn', says: 'No number' },
    {
      why: 'memory followed the answers until the guard stopped it',
      search: { ...open, isCumulative: true, steps: [stopped] },
      verdict: 'fail',
      says: 'No number is safe under 704 MiB',
    },
    {
      why: 'nothing was kept',
      search: { ...open, lastGoodVus: null },
      verdict: 'inconclusive',
      says: 'No step kept its bounds',
    },
  ])('says of a search what the search says: $verdict, since $why', ({ search, verdict, says }) => {
    const run = ladderRun([one]);
    const finding = concurrencyAmplification.detect({ ...run, ladder: { ...run.ladder, search } }, context());
    expect(finding.verdict).toBe(verdict);
    expect(finding.summary).toContain(says);
  });
});
