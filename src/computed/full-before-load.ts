import type { RunEvent } from '../model/artifacts.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RequestRecord } from '../model/record.ts';
import { isWatched } from './watched.ts';

/** How the reason begins: the state of the target was not the one that a load should find. */
export const fullBefore = 'Before the first request the target already held';

/**
 * The stop of the guard that came before anything was sent, so that the load did not fill the target (PROTOCOL 6.5);
 * null: there was none. Of another tool's load it is known when its command began.
 */
export function fullBeforeLoad({
  manifest,
  records,
  events,
}: {
  manifest: Pick<Manifest, 'engine' | 'profile'>;
  records: readonly RequestRecord[];
  events: readonly RunEvent[];
}): RunEvent | null {
  const stop = events.find(({ kind, subject }) => kind === 'guard_stop' && subject === 'target');
  if (stop === undefined) {
    return null;
  }
  const loads = new Set(manifest.profile.stages.filter(({ kind }) => kind === 'load').map(({ name }) => name));
  const wasLoaded = isWatched(manifest)
    ? events.some(({ kind, subject, tMs }) => kind === 'stage_start' && loads.has(subject) && tMs <= stop.tMs)
    : records.some(({ startMs }) => startMs !== null && startMs <= stop.tMs);
  return wasLoaded ? null : stop;
}

/** `1.83 GiB of 2.00 GiB (92 %)`, out of what the guard said. */
export function levelOf(reason: string): string {
  return /memory is at (.+? \(\d[^)]*\))/.exec(reason)?.[1] ?? reason;
}
