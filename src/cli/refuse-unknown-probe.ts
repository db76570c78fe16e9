import { findById } from '../base/by-id.ts';
import { clientProbes, probes } from '../probes/index.ts';

/** A misspelt --no-probe would leave the probe in. Throws as any unknown name does. */
export function refuseUnknownProbe(ids: readonly string[]): void {
  for (const id of ids) {
    findById('probe', [...probes, ...clientProbes], id);
  }
}
