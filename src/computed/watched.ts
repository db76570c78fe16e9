import type { Manifest } from '../model/manifest.ts';
import type { RunResult } from '../model/result.ts';
import type { GatheredRun } from '../model/samples.ts';

/** The engine of a run whose load another tool sent. */
export const watchedEngine = 'watch';

export function isWatched(manifest: Pick<Manifest, 'engine'>): boolean {
  return manifest.engine.id === watchedEngine;
}

/** Why nothing is known of the requests of a run; null: they were recorded. */
export function requestsUnknown({ manifest, records }: Pick<GatheredRun, 'manifest' | 'records'>): string | null {
  return isWatched(manifest) && records.length === 0
    ? "the load was another tool's, and none of its requests were imported"
    : null;
}

/** In `notObserved`: the file of requests that was named for a watched run gave none, or those of another time. */
export const recordsUnusable = 'request data that was named';

/** In `notObserved`: whoever recorded the requests did not write down when each was to be sent. */
export const plannedUnknown = 'planned times of requests';

/** From when the latency of a run counts (PROTOCOL 5.2): another tool's loop may have had no plan. */
export function latencyFrom({ notObserved }: Pick<RunResult, 'notObserved'>): 'planned' | 'sent' {
  return notObserved.some(({ what }) => what === plannedUnknown) ? 'sent' : 'planned';
}

export const latencyFromWords = { planned: 'from planned time', sent: 'from sending' } as const;
