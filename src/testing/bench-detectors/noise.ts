import type { Random } from '../../base/random.ts';

/** A standard normal variate, near enough: twelve uniforms, less their mean. */
export function normal(random: Random): number {
  let sum = -6;
  for (let index = 0; index < 12; index += 1) {
    sum += random.real();
  }
  return sum;
}

/** `count` values of mean 0 and the given spread, each of which remembers its share of the one before. */
export function autoregressive(random: Random, count: number, memory: number, spread: number): number[] {
  const own = spread * Math.sqrt(1 - memory * memory);
  let value = spread * normal(random);
  return Array.from({ length: count }, () => {
    const now = value;
    value = memory * value + own * normal(random);
    return now;
  });
}

/** Sum of everything so far: it wanders off without any reason. */
export function randomWalk(random: Random, count: number, spread: number): number[] {
  let value = 0;
  return Array.from({ length: count }, () => {
    value += spread * normal(random);
    return value;
  });
}
