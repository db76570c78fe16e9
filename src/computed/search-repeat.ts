import { formatBytes } from '../base/units.ts';
import type { SearchStep } from '../model/search.ts';
import { isNotableRise } from './notable-rise.ts';

/** A record among equal draws comes twice in a row with 1 in 6 and three times with 1 in 24; a leak sets one each time. */
export const mostRepeatsOfOne = 3;
/** In one search: of a number that is repeated before a step that may end the search, and of better ones found later. */
export const mostRepeats = 3 * mostRepeatsOfOne;

/** Memory that a step reached, and what was left in the lull after it. */
export interface StepMemory {
  vus: number;
  peakBytes: number | null;
  floorBytes: number | null;
}

/** How the text of a repeat begins that left memory higher. */
export const roseWords = 'memory rose';

/**
 * Whether a repeated step left memory higher than all before it (PROTOCOL 3.8), in words; null: it did not, or memory
 * was not read. What is left in the lull is held against every lull before, since a larger step may have filled an
 * arena that is used again; the highest level also against the steps of as many at once or fewer.
 */
export function riseOf(before: readonly StepMemory[], repeat: StepMemory): string | null {
  const floors = before.flatMap(({ floorBytes }) => floorBytes ?? []);
  const peaks = before.flatMap(({ vus, peakBytes }) => (vus <= repeat.vus ? (peakBytes ?? []) : []));
  const left = higher(floors, repeat.floorBytes);
  const reached = peaks.length === 0 ? null : higher([...peaks, ...floors], repeat.peakBytes);
  return left !== null
    ? `${roseWords}: ${formatBytes(repeat.floorBytes)} were left after it, ${formatBytes(left)} more than after any step before`
    : reached !== null
      ? `${roseWords}: it reached ${formatBytes(repeat.peakBytes)}, ${formatBytes(reached)} more than before`
      : null;
}

function higher(before: readonly number[], bytes: number | null): number | null {
  const highest = Math.max(...before);
  return before.length > 0 && bytes !== null && isNotableRise(highest, bytes) ? bytes - highest : null;
}

/** Steps that went to a concurrency for the first time: they alone decide where the search goes. */
export function firstTimes<S extends Pick<SearchStep, 'repeats'>>(steps: readonly S[]): readonly S[] {
  return steps.filter(({ repeats }) => (repeats ?? null) === null);
}

export function repeatsOf<S extends Pick<SearchStep, 'repeats'>>(steps: readonly S[], name: string): readonly S[] {
  return steps.filter(({ repeats }) => repeats === name);
}

type Judged = Pick<SearchStep, 'repeats' | 'verdict' | 'why'>;

/** What repeating a step has shown so far. `open`: nothing, or only that memory rose once or twice. */
export function repeatState(repeats: readonly Judged[]): 'confirmed' | 'open' | 'refuted' {
  if (repeats.some(({ verdict }) => verdict === 'kept')) {
    return 'confirmed';
  }
  const hasOnlyRisen = repeats.every(({ verdict, why }) => verdict === 'broke' && why.startsWith(roseWords));
  return hasOnlyRisen && repeats.length < mostRepeatsOfOne ? 'open' : 'refuted';
}
