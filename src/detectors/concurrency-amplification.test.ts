import { describe, expect, it } from 'vitest';
import type { Verdict } from '../model/detector.ts';
import { context, mib } from '../testing/build.ts';
import { type Level, ladderRun } from '../testing/ladder-run.ts';
import { concurrencyAmplification } from './concurrency-amplification.ts';

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
});

/** 20 s of rest, then stages of 10 s with so many calls at once, each followed by 10 s of rest. */
