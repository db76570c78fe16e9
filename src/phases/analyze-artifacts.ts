import { clientSelf } from '../computed/client-self.ts';
import { device } from '../computed/device.ts';
import { footprint } from '../computed/footprint.ts';
import { health } from '../computed/health.ts';
import { host } from '../computed/host.ts';
import { inFlight } from '../computed/in-flight.ts';
import { kills } from '../computed/kills.ts';
import { limit } from '../computed/limit.ts';
import { pressure } from '../computed/pressure.ts';
import { processes } from '../computed/processes.ts';
import { withSearchStages } from '../computed/search-steps.ts';
import { stageWindows } from '../computed/stages.ts';
import { targetMetrics, unreadBytes } from '../computed/target-metrics.ts';
import { isWatched } from '../computed/watched.ts';
import type { Artifacts, GatheredArtifacts } from '../model/artifacts.ts';
import type { GatheredRun } from '../model/samples.ts';

/** The target called us. */
function isServed({ engine }: GatheredRun['manifest']): boolean {
  return engine.id === 'job-board';
}

/** What every run has, whatever could be observed of its target. */
export type RunArtifacts = GatheredArtifacts & Pick<Artifacts, 'records' | 'stages' | 'events' | 'inFlight'>;

export function artifactsOf(run: GatheredRun, endMs: number): RunArtifacts {
  const { manifest, records, neighbour, samples, events } = run;
  const stages = stageWindows(withSearchStages(manifest.profile, events), events, endMs);
  const open = inFlight(records);
  const lives = processes(samples, events);
  return {
    records,
    neighbour: neighbour ?? { unavailable: true, reason: 'the run has no neighbour that was called' },
    stages,
    events,
    processes: lives,
    inFlight: open,
    footprint: footprint(samples, stages, open, lives),
    limit: limit(samples),
    kills: kills(samples, events),
    health: health(samples),
    pressure: pressure(samples),
    host: host(samples),
    device: device(samples),
    unreadBytes: unreadBytes(samples),
    targetMetrics: targetMetrics(samples),
    // A request that another tool sent was never planned here, and to a board the start of a request is when the
    // target fetched it: how long it waited is the target's doing.
    client: clientSelf(samples, isWatched(manifest) || isServed(manifest) ? [] : records, manifest.measured),
  };
}
