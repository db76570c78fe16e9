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
import { stageWindows } from '../computed/stages.ts';
import { targetMetrics, unreadBytes } from '../computed/target-metrics.ts';
import { isWatched } from '../computed/watched.ts';
import type { Artifacts, GatheredArtifacts } from '../model/artifacts.ts';
import type { GatheredRun } from '../model/samples.ts';

/** What every run has, whatever could be observed of its target. */
export type RunArtifacts = GatheredArtifacts & Pick<Artifacts, 'records' | 'stages' | 'events' | 'inFlight'>;

export function artifactsOf({ manifest, records, samples, events }: GatheredRun, endMs: number): RunArtifacts {
  const stages = stageWindows(manifest.profile, events, endMs);
  const open = inFlight(records);
  const lives = processes(samples, events);
  return {
    records,
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
    // A request that another tool sent was never planned here.
    client: clientSelf(samples, isWatched(manifest) ? [] : records, manifest.measured),
  };
}
