import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JudgedStep } from '../../computed/search-outcome.ts';
import type { StepPlace } from '../../computed/search-steps.ts';
import { doublingSearch } from '../../testing/build.ts';
import { mostSearchSteps } from '../plan/search.ts';
import { breakOf, decide, type StepOutcome, searchCapacity } from './capacity-search.ts';

function judged(text: string): JudgedStep[] {
  return text
    .split(' ')
    .filter((step) => step !== '')
    .map((step) => ({
      vus: Number.parseInt(step, 10),
      verdict: step.endsWith('+')
        ? 'kept'
        : step.endsWith('-')
          ? 'broke'
          : step.endsWith('!')
            ? 'stopped'
            : 'unfinished',
      why: '',
    }));
}

describe('the next step', () => {
  it.each([
    ['begins where the search begins', '', 1],
    ['rises by the factor while bounds are kept', '1+ 2+', 4],
    ['is the end of the search where the factor goes beyond it', '1+ 48+', 64],
    ['is none once the end is kept', '32+ 64+', null],
    ['is none if the first one broke', '1-', null],
    ['is the middle between kept and broken', '8+ 16-', 12],
    ['is the middle above what was kept since', '8+ 16- 12+', 14],
    ['is the middle below what broke since', '8+ 16- 12-', 10],
    ['is none once they are within a factor of 1.25', '8+ 16- 12- 10-', null],
    ['is none where nothing is between', '1+ 2-', null],
    ['forgets what was kept above the lowest that broke', '8+ 16- 12- 14+', 10],
    ['is the middle below a step in which the guard stopped the load', '1+ 2+ 4+ 8+ 16!', 12],
    ['is none where nothing lies below a step that the guard stopped', '1+ 2!', null],
    ['is none after a step that did not come to its end', '1+ 2?', null],
  ])('%s', (_why, steps, vus) => {
    expect(decide(doublingSearch, judged(steps))).toEqual(vus === null ? { go: 'end' } : { go: 'on', vus });
  });

  it('ends every search within its most steps, with the capacity between its two answers', async () => {
    const vus = fc.integer({ min: 1, max: 60 });
    const factor = fc.double({ min: 1.05, max: 6, noNaN: true });
    await fc.assert(
      fc.asyncProperty(vus, vus, factor, fc.nat(130), async (fromVus, more, times, capacity) => {
        const one = { ...doublingSearch, fromVus, toVus: fromVus + more, factor: times };
        const steps: (StepPlace & JudgedStep)[] = [];
        await searchCapacity(one, {
          runStep: (place) =>
            Promise.resolve(
              outcome({
                errorRatio: place.vus > capacity ? 1 : 0,
                vus: place.vus,
                // What is far beyond it comes near the limit.
                stopped: place.vus > 2 * capacity ? 'memory is at 91 %' : null,
              }),
            ),
          recover: () => Promise.resolve({ goesOn: true, why: '' }),
          onVerdict: (step) => steps.push(step),
          pause: () => Promise.resolve(null),
          endAfterStop: () => undefined,
          memory: () => ({ usedBytes: null, guardBytes: null }),
        });
        expect(steps.length).toBeLessThanOrEqual(mostSearchSteps(one));
        expect(steps.every((step) => (step.verdict === 'kept') === step.vus <= capacity)).toBe(true);
        expect(steps.map(({ ordinal }) => ordinal)).toEqual(steps.map((_, index) => index + 1));
      }),
    );
  });
});

function outcome(over: Partial<StepOutcome> & { vus: number }): StepOutcome & { vus: number } {
  return {
    answered: 100,
    achievedPerSecond: over.vus,
    p95Ms: 1000,
    errorRatio: 0,
    peakBytes: null,
    stopped: null,
    isInterrupted: false,
    ...over,
  };
}

describe('a step', () => {
  const before = { vus: 8, achievedPerSecond: 10 };
  it.each([
    ['keeps its bounds where all is well', { vus: 16 }, before, null],
    ['breaks where nothing was answered', { vus: 16, answered: 0, p95Ms: null, errorRatio: null }, before, 'nothing'],
    ['breaks above its share of failures', { vus: 16, errorRatio: 0.02 }, before, '2.0 % of the requests failed'],
    ['keeps exactly its share of failures', { vus: 16, errorRatio: 0.01 }, before, null],
    ['breaks above its p95', { vus: 16, p95Ms: 2600 }, before, 'the p95 is 2.6 s (at most 2.5 s)'],
    ['breaks where more VUs bring less than 10 %', { vus: 16, achievedPerSecond: 10.9 }, before, 'hardly more'],
    ['keeps 10 % more', { vus: 16, achievedPerSecond: 11 }, before, null],
    ['needs half of a small rise in VUs alone', { vus: 9, achievedPerSecond: 10.7 }, before, null],
    ['has no knee without a step before it', { vus: 16, achievedPerSecond: 0.1 }, null, null],
  ] as const)('%s', (_why, over, than, says) => {
    const why = breakOf(doublingSearch, outcome(over), than);
    expect(why ?? '').toContain(says ?? '');
    expect(why === null).toBe(says === null);
  });

  it('has no bound of time where the profile gives none', () => {
    expect(breakOf({ ...doublingSearch, p95Ms: null }, outcome({ vus: 4, p95Ms: 1e6 }), null)).toBeNull();
  });
});
