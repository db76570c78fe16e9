import { describe, expect, it } from 'vitest';
import { mib } from '../testing/build.ts';
import { cumulativeWhy } from './cumulative.ts';

/** Pairs of the most at once and the answers since the pause before, with the level that was left, in MiB. */
function floors(rows: readonly (readonly [highest: number, answered: number, leftMib: number])[]): string | null {
  return cumulativeWhy(rows.map(([highest, answered, leftMib]) => ({ highest, answered, bytes: leftMib * mib })));
}

describe('memory that follows how many were answered', () => {
  it('is seen where each pause is higher by what was answered, as in a server that keeps every clip for two minutes', () => {
    expect(
      floors([
        [1, 11, 438],
        [2, 15, 823],
        [4, 18, 1215],
        [8, 22, 1784],
      ]),
    ).toBe('it stood at 438 MiB, 823 MiB, 1.19 GiB and 1.74 GiB in the pauses after 11, 15, 18 and 22 answers');
  });

  it.each([
    {
      why: 'the same load leaves more each time',
      rows: [
        [4, 40, 100],
        [4, 40, 200],
        [4, 40, 300],
      ],
      isSeen: true,
    },
    {
      why: 'one rise under the same load may be the chance of an arena',
      rows: [
        [4, 40, 100],
        [4, 40, 200],
        [4, 40, 200],
      ],
      isSeen: false,
    },
    {
      why: 'what rises under the same load and falls again is a late collector',
      rows: [
        [4, 40, 100],
        [4, 40, 200],
        [4, 40, 120],
        [4, 40, 180],
      ],
      isSeen: false,
    },
    {
      why: 'an arena keeps the largest shape of each level, and levels answer alike',
      rows: [
        [1, 20, 140],
        [2, 20, 240],
        [4, 20, 440],
        [8, 20, 840],
      ],
      isSeen: false,
    },
    {
      why: 'where each level answers twice as many the two laws are one',
      rows: [
        [1, 10, 140],
        [2, 20, 240],
        [4, 40, 440],
        [8, 80, 840],
      ],
      isSeen: false,
    },
    {
      why: 'three pauses are too few',
      rows: [
        [1, 15, 438],
        [2, 15, 823],
        [4, 15, 1215],
      ],
      isSeen: false,
    },
    {
      why: 'a pool gives all back',
      rows: [
        [1, 15, 40],
        [2, 15, 41],
        [4, 15, 40],
        [8, 15, 42],
      ],
      isSeen: false,
    },
    { why: 'there is no pause', rows: [], isSeen: false },
  ] as const)('is $isSeen: $why', ({ rows, isSeen }) => {
    expect(floors(rows) !== null).toBe(isSeen);
  });
});
