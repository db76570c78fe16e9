import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { highestKept, type JudgedStep } from '../../computed/search-outcome.ts';
import { firstTimes, mostRepeats } from '../../computed/search-repeat.ts';
import type { StepPlace } from '../../computed/search-steps.ts';
import type { CapacitySearch } from '../../model/profile.ts';
import { doublingSearch, mib } from '../../testing/build.ts';
import { mostSearchSteps } from '../plan/search.ts';
import { breakOf, decide, mayMeetGuard, type StepOutcome, searchCapacity, stepToRepeat } from './capacity-search.ts';

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
        const steps = await searched(one, (place) => ({
          errorRatio: place.vus > capacity ? 1 : 0,
          // What is far beyond it comes near the limit.
          stopped: place.vus > 2 * capacity ? 'memory is at 91 %' : null,
        }));
        const first = firstTimes(steps);
        expect(first.length).toBeLessThanOrEqual(mostSearchSteps(one));
        expect(steps.length).toBeLessThanOrEqual(mostSearchSteps(one) + mostRepeats);
        expect(steps.every((step) => (step.verdict === 'kept') === step.vus <= capacity)).toBe(true);
        expect(steps.map(({ ordinal }) => ordinal)).toEqual(steps.map((_, index) => index + 1));
        const best = highestKept(first);
        expect(steps.at(-1)?.repeats ?? null).toBe(best === null ? null : `step-${best.ordinal}`);
      }),
    );
  });
});

/** A search against a server that answers as `of` says; its steps in their order. */
async function searched(
  search: CapacitySearch,
  of: (place: StepPlace) => Partial<StepOutcome>,
  memory: { guardBytes: number; floorBytes: () => number; recovers: boolean } | null = null,
): Promise<readonly (StepPlace & JudgedStep)[]> {
  const steps: (StepPlace & JudgedStep)[] = [];
  await searchCapacity(search, {
    runStep: (place) => Promise.resolve(outcome({ vus: place.vus, ...of(place) })),
    recover: () => Promise.resolve({ goesOn: memory?.recovers ?? true, why: 'so it was' }),
    onVerdict: ({ ordinal, vus, repeats, verdict, why }) => steps.push({ ordinal, vus, repeats, verdict, why }),
    endAfterStop: () => undefined,
    pause: () => Promise.resolve(memory?.floorBytes() ?? null),
    memory: () => ({ usedBytes: memory?.floorBytes() ?? null, guardBytes: memory?.guardBytes ?? null }),
  });
  return steps;
}

describe('a search under a limit', () => {
  /** Memory in MiB over the requests in flight; what a step leaves behind stays for the next. */
  const servers: Readonly<
    Record<string, { reached: (left: number, vus: number) => number; left: (peak: number, vus: number) => number }>
  > = {
    pool: { reached: (left, vus) => left + 50 * vus, left: () => 100 },
    arena: { reached: (left, vus) => Math.max(left, 100 + 50 * vus), left: (peak) => peak },
    'leak of as many as it answers': {
      reached: (left, vus) => left + 20 * vus + 60,
      left: (peak, vus) => peak - 20 * vus,
    },
  };

  it.each([
    { server: 'pool', recovers: true, steps: '1 2 4 8 8 16! 12 12 14!' },
    { server: 'arena', recovers: false, steps: '1 2 4 8 8 16!' },
    { server: 'leak of as many as it answers', recovers: false, steps: '1 2 4 4- 4- 4-' },
  ])('of a $server runs $steps', async ({ server, recovers, steps: expected }) => {
    const { reached, left } = servers[server] ?? { reached: () => 0, left: () => 0 };
    let held = 100;
    const guardMib = 720;
    const steps = await searched(
      doublingSearch,
      ({ vus }) => {
        const peak = reached(held, vus);
        held = left(Math.min(peak, guardMib), vus);
        return { peakBytes: peak * mib, stopped: peak >= guardMib ? 'memory is at 90 %' : null };
      },
      { guardBytes: guardMib * mib, floorBytes: () => held * mib, recovers },
    );
    const marks = { kept: '', broke: '-', stopped: '!', unfinished: '?' } as const;
    expect(steps.map(({ vus, verdict }) => `${vus}${marks[verdict]}`).join(' ')).toBe(expected);
  });

  it('does not begin to repeat once its steps are too many, and never after a signal', () => {
    const kept = { vus: 4, verdict: 'kept' as const, why: '', name: 'step-1', repeats: null };
    expect(stepToRepeat([kept], { isLast: false, mayMeetGuard: false })).toBeNull();
    expect(stepToRepeat([kept], { isLast: false, mayMeetGuard: true })).toBe(kept);
    expect(stepToRepeat([kept], { isLast: true, mayMeetGuard: false })).toBe(kept);
    const ended = { ...kept, vus: 8, verdict: 'unfinished' as const, name: 'step-2' };
    expect(stepToRepeat([kept, ended], { isLast: true, mayMeetGuard: false })).toBeNull();
  });

  it.each([
    { why: 'the line through the best two steps comes near it', peaks: [150, 300], guardMib: 750, may: true },
    { why: 'both lines stay well below', peaks: [150, 300], guardMib: 760, may: false },
    { why: 'the line from the start is the steeper one', peaks: [290, 300], guardMib: 625, may: true },
    { why: 'one step alone is held against the start', peaks: [null, 300], guardMib: 625, may: true },
    { why: 'nothing was read', peaks: [null, null], guardMib: 600, may: false },
  ])('may meet the guard: $may, since $why', ({ peaks, guardMib, may }) => {
    const steps = peaks.map((peakMib, index) => ({
      vus: 2 * (index + 1),
      verdict: 'kept' as const,
      why: '',
      peakBytes: peakMib === null ? null : peakMib * mib,
    }));
    expect(mayMeetGuard(steps, 8, { usedBytes: 100 * mib, guardBytes: guardMib * mib })).toBe(may);
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
