import { describe, expect, it } from 'vitest';
import { line, mib, stageWindowsOf } from '../testing/build.ts';
import { fallbacks, rests } from './fallbacks.ts';

const whole = [{ startMs: 0, endMs: 120_000 }];
const saw = (second: number): number => 100 + 2 * (second % 30);

describe('memory that is given back at rest', () => {
  it.each([
    { why: 'it rests', at: () => 100, times: 0 },
    { why: 'a collector runs each 30 s', at: saw, times: 3 },
    { why: 'each fall gives back too little', at: (second: number) => 100 + (second % 10), times: 0 },
    { why: 'it only falls', at: (second: number) => 400 - 2 * second, times: 0 },
    { why: 'it only rises', at: (second: number) => 100 + 5 * second, times: 0 },
    { why: 'there are gaps in each tooth', at: (second: number) => (second % 3 === 0 ? null : saw(second)), times: 3 },
    { why: 'it died with the second fall', at: saw, deathsMs: [59_500], times: 2 },
    {
      why: 'it falls while load runs, between two rests',
      at: (second: number) => (second < 40 ? 100 + 2 * second : 100),
      rest: [
        { startMs: 0, endMs: 40_000 },
        { startMs: 60_000, endMs: 120_000 },
      ],
      times: 1,
    },
    {
      why: 'what load took falls at rest',
      at: (second: number) => (second < 40 ? 100 : 400 - 3 * (second - 40)),
      rest: [
        { startMs: 0, endMs: 30_000 },
        { startMs: 40_000, endMs: 120_000 },
      ],
      times: 0,
    },
  ])('is counted $times times when $why', ({ at, times, deathsMs = [], rest = whole }) => {
    const total = line(120, (second) => {
      const mebibytes = at(second);
      return mebibytes === null ? null : mebibytes * mib;
    });
    expect(fallbacks(total, rest, 30 * mib, deathsMs)).toBe(times);
  });

  it('is looked for before the first load and in each quiet time after it', () => {
    const stages = stageWindowsOf([
      ['base', 'idle', 30],
      ['load', 'load', 10],
      ['after', 'silence', 20],
    ]);
    expect(rests(stages, [{ startMs: 40_000, endMs: 60_000, stage: 'after' }], 2000)).toEqual([
      { startMs: 0, endMs: 30_000 },
      { startMs: 42_000, endMs: 60_000 },
    ]);
  });
});
