import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CapacitySearch } from '../../model/profile.ts';
import { mostSearchSteps, nextVus } from './search.ts';

function search(fromVus: number, toVus: number, factor: number): CapacitySearch {
  return { fromVus, toVus, factor, stepMs: 1000, lullMs: 0, p95Ms: null, errorRatio: 0.01 };
}

/** Steps that a search takes whose bounds hold up to `capacity` and break above it. */
function stepsTaken(one: CapacitySearch, capacity: number): number {
  let steps = 1;
  let kept = 0;
  let vus = one.fromVus;
  while (vus <= capacity && vus < one.toVus) {
    kept = vus;
    vus = nextVus(one, vus);
    steps += 1;
  }
  if (vus <= capacity || kept === 0) {
    return steps;
  }
  for (let broken = vus; broken - kept > 1; steps += 1) {
    const middle = Math.floor((kept + broken) / 2);
    if (middle <= capacity) {
      kept = middle;
    } else {
      broken = middle;
    }
  }
  return steps;
}

describe('mostSearchSteps', () => {
  it.each([
    ['two steps where there is nothing between them', search(1, 2, 2), 2],
    ['1, 2, 4, 8, then two between 4 and 8', search(1, 8, 2), 6],
    ['a factor close to 1 rises by one VU at least', search(1, 4, 1.01), 4],
    ['the last step up is the end of the search, whatever the factor', search(1, 5, 100), 4],
  ])('%s', (_why, one, steps) => {
    expect(mostSearchSteps(one)).toBe(steps);
  });

  it('no search takes more, wherever it breaks', () => {
    const vus = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(
        vus,
        vus,
        fc.double({ min: 1.05, max: 5, noNaN: true }),
        fc.nat(120),
        (from, more, factor, capacity) => {
          const one = search(from, from + more, factor);
          expect(stepsTaken(one, capacity)).toBeLessThanOrEqual(mostSearchSteps(one));
        },
      ),
    );
  });
});
