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
const leftWords = 'were left after it';

/** By how many bytes a repeat set a record; null: it set none, or memory was not read. */
interface Rise {
  /** In the lull after it, above every lull before: a larger step may have filled an arena that is used again. */
  leftBytes: number | null;
  /** At its highest, above these lulls and every step of as many at once or fewer. */
  reachedBytes: number | null;
}

function riseOf(before: readonly StepMemory[], repeat: StepMemory): Rise {
  const floors = before.flatMap(({ floorBytes }) => floorBytes ?? []);
  const peaks = before.flatMap(({ vus, peakBytes }) => (vus <= repeat.vus ? (peakBytes ?? []) : []));
  return {
    leftBytes: higher(floors, repeat.floorBytes),
    reachedBytes: peaks.length === 0 ? null : higher([...peaks, ...floors], repeat.peakBytes),
  };
}

/**
 * Whether each repeat of a step, this one too, left memory higher than all before it, or each reached a higher level
 * (PROTOCOL 3.8.1), in words; null: neither, or memory was not read. Other items reach another level, and a pool that
 * is still growing leaves more for a while: only what sets a record each time goes on.
 */
export function roseEachTime<S extends StepMemory & Pick<SearchStep, 'repeats'>>(
  before: readonly S[],
  repeat: S,
): string | null {
  const earlier = before.flatMap((step, index) =>
    step.repeats === repeat.repeats ? [riseOf(before.slice(0, index), step)] : [],
  );
  const now = riseOf(before, repeat);
  const all = [...earlier, now];
  if (all.every(({ leftBytes }) => leftBytes !== null)) {
    return `${roseWords}: ${formatBytes(repeat.floorBytes)} ${leftWords}, ${formatBytes(now.leftBytes)} more than after any step before`;
  }
  return all.every(({ reachedBytes }) => reachedBytes !== null)
    ? `${roseWords}: it reached ${formatBytes(repeat.peakBytes)}, ${formatBytes(now.reachedBytes)} more than before`
    : null;
}

/** Whether what a step left rose each time; where that was not read, its highest level has to tell. */
export function isLeftRising({ why, floorBytes = null }: Pick<SearchStep, 'why' | 'floorBytes'>): boolean {
  return why.startsWith(roseWords) && (floorBytes === null || why.includes(leftWords));
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
