import { describe, expect, it } from 'vitest';
import { mib } from '../testing/build.ts';
import { isLeftRising, repeatState, roseEachTime, type StepMemory } from './search-repeat.ts';

/** `4:400>100`: 4 at once reached 400 MiB, and 100 MiB were left; `-` was not read. */
function memory(text: string, repeats: string | null = null): StepMemory & { repeats: string | null } {
  const [vus, peak, floor] = text.split(/[:>]/);
  const bytes = (of: string | undefined): number | null => (of === '-' || of === undefined ? null : Number(of) * mib);
  return { vus: Number(vus), peakBytes: bytes(peak), floorBytes: bytes(floor), repeats };
}

describe('a repeated step', () => {
  it.each([
    { why: 'a pool gives back what it took', before: '2:240>40 4:440>40', repeat: '4:440>40', says: null },
    { why: 'an arena keeps its largest shape and uses it again', before: '4:440>440', repeat: '4:440>440', says: null },
    {
      why: 'an arena was filled by a larger step that broke another bound',
      before: '4:440>440 8:840>840',
      repeat: '4:840>840',
      says: null,
    },
    {
      why: 'a collector that is late leaves less than 16 MiB more',
      before: '4:440>40',
      repeat: '4:450>55',
      says: null,
    },
    { why: '2 % of a large server are noise', before: '4:4000>3000', repeat: '4:4070>3050', says: null },
    {
      why: 'a larger step had reached as much in flight',
      before: '4:440>40 8:840>440',
      repeat: '4:440>440',
      says: null,
    },
    {
      why: 'a leak leaves as much again',
      before: '2:300>200 4:500>400',
      repeat: '4:700>600',
      says: 'memory rose: 600 MiB were left after it, 200 MiB more than after any step before',
    },
    {
      why: 'a leak rose in the larger step too, below whose highest level it stays',
      before: '4:440>140 8:840>240',
      repeat: '4:640>340',
      says: 'memory rose: 340 MiB were left after it, 100 MiB more than after any step before',
    },
    {
      why: 'without a lull its highest level alone tells',
      before: '4:440>-',
      repeat: '4:540>-',
      says: 'memory rose: it reached 540 MiB, 100 MiB more than before',
    },
    { why: 'memory is not read', before: '4:->-', repeat: '4:->-', says: null },
    { why: 'memory is read only now', before: '4:->-', repeat: '4:440>40', says: null },
  ])('says $says: $why', ({ before, repeat, says }) => {
    const steps = before.split(' ').map((text) => memory(text));
    expect(roseEachTime(steps, memory(repeat, 'step-1'))).toBe(says);
  });

  it.each([
    {
      why: 'a leak leaves more each time',
      repeats: ['8:840>600', '8:1040>800', '8:1240>1000'],
      says: [/^memory rose: 600 MiB were left/, /^memory rose: 800 MiB were left/, /^memory rose: 1000 MiB were left/],
    },
    {
      why: 'a pool was still growing, and then longer items came',
      repeats: ['8:840>640', '8:720>760', '8:960>720'],
      says: [/^memory rose: 640 MiB were left/, /^memory rose: 760 MiB were left/, null],
    },
    {
      why: 'items were longer once, and a pool grew the next time',
      repeats: ['8:840>400', '8:740>500'],
      says: [/^memory rose: it reached 840 MiB/, null],
    },
    {
      why: 'the highest level alone rises each time',
      repeats: ['8:740>400', '8:840>400', '8:940>400'],
      says: [/reached 740 MiB/, /reached 840 MiB/, /reached 940 MiB/],
    },
  ])('counts what rose in all repeats so far: $why', ({ repeats, says }) => {
    const steps = [memory('4:440>200'), memory('8:640>400')];
    for (const [index, text] of repeats.entries()) {
      const repeat = memory(text, 'step-2');
      const rose = roseEachTime(steps, repeat);
      const expected = says[index] ?? null;
      expect(rose).toEqual(expected === null ? null : expect.stringMatching(expected));
      steps.push(repeat);
    }
  });

  it.each([
    { why: 'memory rose: 635 MiB were left after it, 89 MiB more', floorBytes: 635 * mib, isRising: true },
    { why: 'memory rose: it reached 635 MiB, 89 MiB more', floorBytes: 400 * mib, isRising: false },
    { why: 'memory rose: it reached 635 MiB, 89 MiB more', floorBytes: null, isRising: true },
    { why: 'the p95 is 9 s', floorBytes: null, isRising: false },
  ])('says of what is left that it rises: $isRising by "$why"', ({ why, floorBytes, isRising }) => {
    expect(isLeftRising({ why, floorBytes })).toBe(isRising);
  });

  it.each([
    { why: 'nothing was repeated yet', repeats: [], state: 'open' },
    { why: 'it held once more', repeats: ['kept'], state: 'confirmed' },
    { why: 'it rose, as an arena may by chance', repeats: ['rose', 'rose'], state: 'open' },
    { why: 'it rose and then settled', repeats: ['rose', 'rose', 'kept'], state: 'confirmed' },
    { why: 'it rose three times', repeats: ['rose', 'rose', 'rose'], state: 'refuted' },
    { why: 'it broke another bound', repeats: ['late'], state: 'refuted' },
    { why: 'the guard stopped it', repeats: ['stopped'], state: 'refuted' },
    { why: 'the run ended in it', repeats: ['unfinished'], state: 'refuted' },
  ])('is $state where $why', ({ repeats, state }) => {
    const steps = repeats.map((text) =>
      text === 'rose' || text === 'late'
        ? ({ verdict: 'broke', why: text === 'rose' ? 'memory rose: much' : 'the p95 is 9 s' } as const)
        : ({ verdict: text as 'kept' | 'stopped' | 'unfinished', why: '' } as const),
    );
    expect(repeatState(steps)).toBe(state);
  });
});
