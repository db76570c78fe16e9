import type { CapacitySearch, ResolvedProfile } from '../model/profile.ts';
import type { SearchResult, SearchStep } from '../model/result.ts';

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

/** null for a profile without a search. */
export function searchOutcome({ search }: ResolvedProfile, steps: readonly SearchStep[]): SearchResult | null {
  return search === null
    ? null
    : {
        kneeVus: kneeOf(steps),
        lastGoodVus: highestKept(steps)?.vus ?? null,
        firstBrokenVus: lowestBroken(steps)?.vus ?? null,
        why: whyOf(search, steps),
        steps,
      };
}
