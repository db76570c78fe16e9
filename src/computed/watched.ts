import type { Manifest } from '../model/manifest.ts';
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
