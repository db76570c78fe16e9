import type { Random } from './random.ts';

/**
 * Exponential variate with mean 1, always above 0 (J. von Neumann, Various techniques used in connection
 * with random digits, 1951). Only comparisons and sums, since `Math.log` differs between processors.
 */
export function exponential(random: Random): number {
  for (let whole = 0; ; whole += 1) {
    const first = uniform(random);
    let previous = first;
    // A falling run that starts at x has odd length with probability e^-x.
    let runLength = 1;
    for (let next = uniform(random); next < previous; next = uniform(random)) {
      previous = next;
      runLength += 1;
    }
    if (runLength % 2 === 1) {
      return whole + first;
    }
  }
}

/** The middle of one of 2^32 cells, so that two arrivals never fall on the same instant. */
function uniform(random: Random): number {
  return (random.uint32() + 0.5) / 4294967296;
}
