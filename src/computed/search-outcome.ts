import type { CapacitySearch, ResolvedProfile } from '../model/profile.ts';
import type { SearchResult, SearchStep } from '../model/search.ts';
import { firstTimes, isLeftRising, repeatState, repeatsOf, roseWords } from './search-repeat.ts';

/** More concurrency must bring so much more throughput, or the server only makes requests wait. */
const leastRise = 0.1;

/** What decides a search of a step: its concurrency, and whether it kept its bounds. */
export type JudgedStep = Pick<SearchStep, 'vus' | 'verdict' | 'why'>;

/**
 * Whether more VUs were answered faster: by 10 %, or by half of the rise in VUs where that is less. true where either
 * rate is not known.
 */
export function rises(
  before: Pick<SearchStep, 'vus' | 'achievedPerSecond'>,
  after: Pick<SearchStep, 'vus' | 'achievedPerSecond'>,
): boolean {
  if (before.achievedPerSecond === null || after.achievedPerSecond === null) {
    return true;
  }
  const neededRise = Math.min(leastRise, (after.vus / before.vus - 1) / 2);
  return after.achievedPerSecond >= before.achievedPerSecond * (1 + neededRise);
}

function isBroken({ verdict }: JudgedStep): boolean {
  return verdict === 'broke' || verdict === 'stopped';
}

/** The step of the fewest VUs that broke. */
export function lowestBroken<S extends JudgedStep>(steps: readonly S[]): S | null {
  return steps.filter(isBroken).toSorted((a, b) => a.vus - b.vus)[0] ?? null;
}

/** The step of the most VUs that kept its bounds, of those below the first that broke. */
export function highestKept<S extends JudgedStep>(steps: readonly S[]): S | null {
  const brokenVus = lowestBroken(steps)?.vus ?? Number.POSITIVE_INFINITY;
  const kept = steps.filter(({ verdict, vus }) => verdict === 'kept' && vus < brokenVus);
  return kept.toSorted((a, b) => b.vus - a.vus)[0] ?? null;
}

/** VUs of the first step whose successor was hardly answered faster; one that was stopped has no rate of its own. */
function kneeOf(steps: readonly SearchStep[]): number | null {
  const whole = steps.filter(({ verdict }) => verdict === 'kept' || verdict === 'broke');
  const knee = whole
    .toSorted((a, b) => a.vus - b.vus)
    .find((step, index, all) => {
      const next = all[index + 1];
      return step.verdict === 'kept' && next !== undefined && !rises(step, next);
    });
  return knee?.vus ?? null;
}

function whyOf({ toVus }: CapacitySearch, steps: readonly SearchStep[]): string {
  const broken = lowestBroken(steps);
  if (broken !== null) {
    return `${broken.vus} at once: ${broken.why}`;
  }
  const kept = highestKept(steps);
  if (kept === null) {
    return 'no step came to its end';
  }
  return kept.vus >= toVus
    ? `nothing broke up to ${kept.vus} at once, where the search ends`
    : `the run ended before the search did, after ${kept.vus} at once`;
}

/** The most that a repeat confirmed, below what broke (PROTOCOL 3.8). */
function confirmedStep(steps: readonly SearchStep[]): SearchStep | null {
  const first = firstTimes(steps);
  const confirmed = first.filter(({ name }) => repeatState(repeatsOf(steps, name)) === 'confirmed');
  return highestKept([...confirmed, ...first.filter(isBroken)]);
}

/** `isCumulative`: as many at once as had been kept needed more memory when they came again. */
function unconfirmed(
  steps: readonly SearchStep[],
  kept: SearchStep,
  hasMemory: boolean,
): { why: string; isCumulative: boolean } {
  const at = `${kept.vus} at once`;
  const repeats = repeatsOf(steps, kept.name);
  const last = repeats.at(-1);
  if (!hasMemory) {
    return { why: 'memory was not read', isCumulative: false };
  }
  if (last === undefined) {
    const stopped = firstTimes(steps).find(({ verdict, vus }) => verdict === 'stopped' && vus > kept.vus);
    const ended = /the search ended there, since (.*)$/s.exec(stopped?.why ?? '')?.[1];
    return { why: `${at} were not repeated: ${ended ?? 'the run ended before'}`, isCumulative: false };
  }
  switch (last.verdict) {
    case 'stopped':
      return { why: `when ${at} were repeated, ${last.why}`, isCumulative: true };
    case 'broke': {
      const hasRisen = last.why.startsWith(roseWords);
      const times = repeats.length === 1 ? 'once' : `${repeats.length} times`;
      return {
        why: `${at} were repeated ${times}, and ${hasRisen ? '' : 'at last '}${last.why}`,
        isCumulative: isLeftRising(last),
      };
    }
    case 'kept':
    case 'unfinished':
      return { why: `the run ended while ${at} were repeated`, isCumulative: false };
  }
}

/**
 * null for a profile without a search. `cumulativeWhy` is what the pauses say by themselves (PROTOCOL 17.4), for a run
 * that could not repeat its answer.
 */
export function searchOutcome(
  { search }: ResolvedProfile,
  steps: readonly SearchStep[],
  { cumulativeWhy = null, limitBytes = null }: { cumulativeWhy?: string | null; limitBytes?: number | null } = {},
): SearchResult | null {
  if (search === null) {
    return null;
  }
  const first = firstTimes(steps);
  const kept = highestKept(first);
  const hasMemory = steps.some(({ peakBytes }) => (peakBytes ?? null) !== null);
  const confirmed = hasMemory ? confirmedStep(steps) : null;
  const open = kept === null || kept === confirmed ? null : unconfirmed(steps, kept, hasMemory);
  // A number that held again, without a rise, is no number of a leak, whatever the pauses before it looked like.
  const toldByPauses = confirmed === null && open?.isCumulative === false ? cumulativeWhy : null;
  return {
    kneeVus: kneeOf(first),
    lastGoodVus: kept?.vus ?? null,
    firstBrokenVus: lowestBroken(first)?.vus ?? null,
    confirmedVus: confirmed?.vus ?? null,
    unconfirmedWhy: open === null ? null : toldByPauses === null ? open.why : `${toldByPauses}; ${open.why}`,
    isCumulative: open?.isCumulative === true || toldByPauses !== null,
    limitBytes,
    why: whyOf(search, first),
    steps,
  };
}
