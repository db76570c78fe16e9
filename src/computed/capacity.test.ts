import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ladder } from '../model/artifacts.ts';
import type { SearchStep } from '../model/search.ts';
import { doublingSearch, mib, profile } from '../testing/build.ts';
import { capacityOfLevels, ladderRun } from '../testing/ladder-run.ts';
import { capacityOf, limitFor, whyAtLeast } from './capacity.ts';
import { searchOutcome } from './search-outcome.ts';

describe('capacity', () => {
  it.each([
    { why: 'the sandbox as reported: 80 MiB and 512 MiB each', baseMib: 80, peakMib: 592 },
    { why: 'the sandbox as measured: 38 MiB and 450 MiB each', baseMib: 38, peakMib: 492 },
  ])('is exactly one under 704 MiB, from one caller alone: $why', ({ baseMib, peakMib }) => {
    expect(capacityOfLevels([{ vus: 1, peakMib }], { baseMib })).toMatchObject({
      safeConcurrency: 1,
      confidence: 'low',
    });
  });

  it('shows its arithmetic', () => {
    expect(capacityOfLevels([{ vus: 1, peakMib: 552 }]).arithmetic).toEqual([
      'limit 704 MiB (cgroup v1 /trial), of which 90 % are used: 634 MiB',
      'base with nothing in flight: 40.0 MiB',
      'each request in flight: 512 MiB (512 MiB to 512 MiB); the upper end counts',
      '(634 MiB - 40.0 MiB) / 512 MiB = 1.16',
    ]);
  });

  const flat = [1, 2, 4, 8].map((vus) => ({ vus, peakMib: 45 }));
  it.each([
    { why: 'memory that does not follow the load sets no bound', levels: flat, safe: null },
    {
      why: 'a level that held is safe, whatever a line says',
      levels: [
        { vus: 1, peakMib: 200 },
        { vus: 2, peakMib: 360 },
        { vus: 8, peakMib: 420 },
      ],
      safe: 8,
    },
    {
      why: 'a level that memory ended is not',
      levels: [
        { vus: 1, peakMib: 50 },
        { vus: 2, peakMib: 60 },
        { vus: 4, peakMib: 640, end: 'guard_stop' as const },
      ],
      safe: 3,
    },
    { why: 'not even one fits with a reserve', levels: [{ vus: 1, peakMib: 690 }], safe: 0 },
    {
      why: 'four times what was measured, however much the arithmetic would allow',
      levels: [
        { vus: 1, peakMib: 60 },
        { vus: 2, peakMib: 61 },
      ],
      safe: 8,
    },
    {
      why: 'nor is a level far above, which memory ended, a measure of what fits below it',
      levels: [
        { vus: 1, peakMib: 50 },
        { vus: 2, peakMib: 60 },
        { vus: 100, peakMib: 640, end: 'guard_stop' as const },
      ],
      safe: 8,
    },
  ])('is $safe: $why', ({ levels, safe }) => {
    expect(capacityOfLevels(levels).safeConcurrency).toBe(safe);
  });

  it.each([
    {
      why: 'the arithmetic goes far beyond the levels',
      levels: [1, 2],
      told: { safeConcurrency: 8, isAtLeast: true, projectedConcurrency: 59, confidence: 'low' },
      says: 'the arithmetic says 59, but nothing above 2 was measured; run capacity-search to find it',
    },
    {
      why: 'the levels come near to what fits',
      levels: [1, 2, 4, 16],
      told: { safeConcurrency: 59, isAtLeast: false, projectedConcurrency: 59, confidence: 'medium' },
      says: null,
    },
    {
      why: 'memory that does not grow has no number at all, but a level up to which that was seen',
      levels: [],
      told: { safeConcurrency: null, isAtLeast: false, projectedConcurrency: null, measuredConcurrency: 8 },
      says: null,
    },
  ])('tells what was measured apart from what is arithmetic: $why', ({ levels, told, says }) => {
    const capacity = capacityOfLevels(
      levels.length === 0 ? flat : levels.map((vus) => ({ vus, peakMib: 40 + 10 * vus })),
    );
    expect(capacity).toMatchObject(told);
    expect(whyAtLeast(capacity)).toBe(says);
  });

  it.each([
    { levels: 1, confidence: 'low' },
    { levels: 3, confidence: 'medium' },
    { levels: 8, confidence: 'high' },
  ])('has $confidence confidence after $levels levels', ({ levels, confidence }) => {
    const steps = Array.from({ length: levels }, (_, index) => ({ vus: index + 1, peakMib: 40 + 50 * (index + 1) }));
    expect(capacityOfLevels(steps)).toMatchObject({ confidence });
  });

  const leaky = [1, 2, 4, 4, 4].map((vus, index) => ({ vus, peakMib: 100 + 60 * index, floorMib: 80 + 60 * index }));
  it('tells no number of memory that follows how many were answered', () => {
    const { ladder, limit } = ladderRun(leaky);
    expect(ladder.cumulativeWhy).toContain('it stood at 80.0 MiB, 140 MiB, 200 MiB, 260 MiB and 320 MiB in the pauses');
    expect(capacityOf(ladder, limit)).toMatch(
      /^memory follows how many requests were answered, not how many are at once/,
    );
  });

  const levels = [1, 2, 4, 8].map((vus) => ({ vus, peakMib: 40 + 50 * vus }));
  const step = (vus: number, over: Partial<SearchStep> = {}): SearchStep => ({
    name: `step-${vus}`,
    vus,
    repeats: null,
    planHash: '',
    startMs: 0,
    endMs: 1,
    answered: 1,
    achievedPerSecond: vus,
    p95Ms: 1,
    errorRatio: 0,
    peakBytes: (40 + 50 * vus) * mib,
    verdict: 'kept',
    why: '',
    ...over,
  });
  const searched = (steps: readonly SearchStep[]): Ladder => ({
    ...ladderRun(levels).ladder,
    search: searchOutcome(profile({ search: doublingSearch }), steps, { limitBytes: 704 * mib }),
  });
  const again = step(4, { name: 'step-9', repeats: 'step-4' });

  it.each([
    {
      why: 'the number that held again, though the line says more',
      steps: [step(4), step(8, { verdict: 'broke' }), again],
      mib: 704,
      safe: 4,
    },
    { why: 'nothing that held once', steps: [step(4), step(8, { verdict: 'broke' })], mib: 704, safe: 'held once' },
    {
      why: 'what the arithmetic says under a larger limit',
      steps: [step(4), step(8, { verdict: 'broke' }), again],
      mib: 1200,
      safe: 20,
    },
    {
      why: 'what the arithmetic says under a limit that it does not fit in',
      steps: [step(4), step(8, { verdict: 'broke' }), again],
      mib: 200,
      safe: 2,
    },
  ])('of a search is $safe: $why', ({ steps, mib: limitMib, safe }) => {
    const told = capacityOf(searched(steps), { bytes: limitMib * mib, source: 'as given' });
    if (typeof safe === 'string') {
      expect(told).toContain(safe);
    } else {
      expect(told).toMatchObject({ safeConcurrency: safe });
    }
  });

  it('never calls safe what would not fit under the limit that it names', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 400 }), fc.integer({ min: 20, max: 200 }), (each, baseMib) => {
        const capacity = capacityOfLevels([{ vus: 1, peakMib: baseMib + each }], { baseMib, limitMib: 1000 });
        const safe = capacity.safeConcurrency ?? 0;
        expect(baseMib + each * safe).toBeLessThanOrEqual(900);
        expect(limitFor(capacity, safe)).toBeLessThanOrEqual(1001 * mib);
        expect(safe).toBeLessThanOrEqual(4);
        expect(limitFor(capacity, (capacity.projectedConcurrency ?? 0) + 1)).toBeGreaterThan(1000 * mib);
      }),
      { numRuns: 40 },
    );
  });
});
