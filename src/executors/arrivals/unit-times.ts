import { exponential } from '../../base/exponential.ts';
import type { Random } from '../../base/random.ts';
import type { Arrivals } from '../../model/profile.ts';

/** 0.1/s for 30 s is 3 arrivals, also where the product is a rounding error above 3. */
const roundingShare = 1e-9;

/**
 * Arrivals of a process with rate 1 on [0, total), rising: whole numbers, or with exponential gaps.
 * A stage maps them through the inverse of the integral of its rate.
 */
export function unitTimes(arrivals: Arrivals, total: number, random: Random): number[] {
  switch (arrivals) {
    case 'uniform': {
      const whole = Math.round(total);
      const isWhole = whole > 0 && Math.abs(total - whole) <= roundingShare * whole;
      return Array.from({ length: isWhole ? whole : Math.ceil(total) }, (_, index) => index);
    }
    case 'poisson': {
      const times: number[] = [];
      for (let at = exponential(random); at < total; at += exponential(random)) {
        times.push(at);
      }
      return times;
    }
  }
}
