import type { CapacitySearch } from '../../model/profile.ts';

/** Concurrency of the next step up; the last one is `toVus`. */
export function nextVus({ toVus, factor }: Pick<CapacitySearch, 'toVus' | 'factor'>, vus: number): number {
  return Math.min(toVus, Math.max(vus + 1, Math.round(vus * factor)));
}

/** Steps between one that kept its bounds and one that broke them, when each halves what is left. */
function bisectingSteps(keptVus: number, brokenVus: number): number {
  return Math.ceil(Math.log2(brokenVus - keptVus));
}

/** Most steps that a search can take: up to a step that breaks, then between it and the one before. */
export function mostSearchSteps(search: CapacitySearch): number {
  let most = 1;
  let steps = 1;
  for (let vus = search.fromVus; vus < search.toVus; ) {
    const next = nextVus(search, vus);
    steps += 1;
    most = Math.max(most, steps + bisectingSteps(vus, next));
    vus = next;
  }
  return most;
}
