import { BenchError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import type { CorpusGenerator } from '../../model/corpus.ts';

/** Bytes of the one item that a generator makes of these parameters; null: it cannot. */
export type BytesOf = (params: Readonly<Record<string, unknown>>) => number | null;

/** Bytes of the only item of a corpus with these parameters; null: there is no such corpus. Makes no bytes. */
export function bytesOfOne(generator: CorpusGenerator, params: unknown): number | null {
  try {
    const random = createRandom('fit');
    const [item] = generator.items(params, { name: 'fit', count: 1, random, place: 'params', folder: '.' });
    return item?.bytes ?? null;
  } catch (error: unknown) {
    if (error instanceof BenchError) {
      return null;
    }
    throw error;
  }
}

/**
 * The value nearest to `wanted` that is possible, between `possible`, which is, and `wanted`. Meant for whole numbers
 * whose possible ones lie side by side.
 */
export function nearestPossible(wanted: number, possible: number, isPossible: (value: number) => boolean): number {
  if (isPossible(wanted)) {
    return wanted;
  }
  let good = possible;
  let bad = wanted;
  while (Math.abs(good - bad) > 1) {
    const middle = Math.round((good + bad) / 2);
    if (isPossible(middle)) {
      good = middle;
    } else {
      bad = middle;
    }
  }
  return good;
}

/** More than any generator makes of anything. */
const furthest = 2 ** 40;

/** All that is possible around `possible`, which is. */
export function possibleRange(possible: number, isPossible: (value: number) => boolean): { from: number; to: number } {
  return {
    from: nearestPossible(0, possible, isPossible),
    to: nearestPossible(furthest, possible, isPossible),
  };
}

/** The whole number from `from` to `to` whose image comes nearest to `wanted`, where images rise with numbers. */
export function nearestImage(
  wanted: number,
  { from, to }: { from: number; to: number },
  image: (value: number) => number,
): number {
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (image(middle) < wanted) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return Math.abs(image(low) - wanted) <= Math.abs(image(high) - wanted) ? low : high;
}
