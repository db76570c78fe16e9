import { clientSelf } from '../../computed/client-self.ts';
import { cpuUse } from '../../computed/cpu-use.ts';
import { descriptors } from '../../computed/descriptors.ts';
import { device } from '../../computed/device.ts';
import { deviceLevels } from '../../computed/device-levels.ts';
import { deviceUse } from '../../computed/device-use.ts';
import { footprint } from '../../computed/footprint.ts';
import { health } from '../../computed/health.ts';
import { hiddenMemory } from '../../computed/hidden-memory.ts';
import { host } from '../../computed/host.ts';
import { inFlight } from '../../computed/in-flight.ts';
import { jobBoard } from '../../computed/job-board.ts';
import { keptByAnswers } from '../../computed/kept-answers.ts';
import { kills } from '../../computed/kills.ts';
import { ladder } from '../../computed/ladder.ts';
import { lightRoutes } from '../../computed/light-routes.ts';
import { limit } from '../../computed/limit.ts';
import { lockedMemory } from '../../computed/locked-memory.ts';
import { pressure } from '../../computed/pressure.ts';
import { processes } from '../../computed/processes.ts';
import { retention } from '../../computed/retention.ts';
import { roundMetrics } from '../../computed/round-metrics.ts';
import { rounds } from '../../computed/rounds.ts';
import { searchMemory } from '../../computed/search-memory.ts';
import { searchOutcome } from '../../computed/search-outcome.ts';
import { searchSteps, withSearchStages } from '../../computed/search-steps.ts';
import { serverGauges } from '../../computed/server-gauges.ts';
import { stageWindows } from '../../computed/stages.ts';
import { targetMetrics, unreadBytes } from '../../computed/target-metrics.ts';
import { isWatched } from '../../computed/watched.ts';
import { type Artifacts, type GatheredArtifacts, isUnavailable, type Unavailable } from '../../model/artifacts.ts';
import type { GatheredRun } from '../../model/samples.ts';

/** The target called us. */
function isServed({ engine }: GatheredRun['manifest']): boolean {
  return engine.id === 'job-board';
}

/** All tasks of a job lie there at once, and nobody asks the target to hold them all. */
const ownPace: Unavailable = {
  unavailable: true,
  reason: 'the target fetches its own work, so that how much it takes at once is its own choice',
  isNotAsked: true,
};

/** What every run has, whatever could be observed of its target. */
export type RunArtifacts = GatheredArtifacts & Pick<Artifacts, 'records' | 'items' | 'stages' | 'events' | 'inFlight'>;

export function artifactsOf(run: GatheredRun, endMs: number): RunArtifacts {
  const { manifest, records, items, neighbour, samples, events } = run;
  const stages = stageWindows(withSearchStages(manifest.profile, events), events, endMs);
  const open = inFlight(records);
  const lives = processes(samples, events);
  const held = footprint(samples, stages, open, lives);
  const cards = device(samples);
  const bound = limit(samples);
  const board = jobBoard(samples, manifest.profile);
  const repeated = rounds({
    stages,
    inFlight: open,
    records,
    processes: isUnavailable(lives) ? [] : lives,
    events,
    metrics: roundMetrics(samples, held, cards),
  });
  return {
    records,
    neighbour: neighbour ?? { unavailable: true, reason: 'the run has no neighbour that was called', isNotAsked: true },
    stages,
    events,
    processes: lives,
    inFlight: open,
    footprint: held,
    driver: { answers: isUnavailable(held) ? null : keptByAnswers(held, { records, items, stages, inFlight: open }) },
    limit: bound,
    kills: kills(samples, events),
    health: health(samples),
    pressure: pressure(samples),
    host: host(samples),
    device: cards,
    jobBoard: board,
    unreadBytes: unreadBytes(samples),
    lightRoutes: lightRoutes(samples),
    cpu: cpuUse(samples, lives),
    deviceUse: deviceUse(cards),
    deviceLevels: deviceLevels(cards, { stages, inFlight: open, neighbour: neighbour ?? [] }),
    descriptors: descriptors(samples),
    lockedMemory: lockedMemory(samples),
    hiddenMemory: hiddenMemory(samples),
    gauges: serverGauges(samples),
    targetMetrics: targetMetrics(samples),
    items,
    ladder: isUnavailable(board)
      ? ladder(held, stages, events, {
          records,
          items,
          planned: manifest.profile.stages,
          busy: open,
          searched: (cumulativeWhy) =>
            searchOutcome(manifest.profile, searchSteps(records, events, searchMemory(held, stages)), {
              cumulativeWhy,
              limitBytes: isUnavailable(bound) ? null : bound.bytes,
            }),
        })
      : ownPace,
    // A request that another tool sent was never planned here, and to a board the start of a request is when the
    // target fetched it: how long it waited is the target's doing.
    client: clientSelf(samples, isWatched(manifest) || isServed(manifest) ? [] : records, manifest.measured),
    rounds: repeated,
    retention: retention(held, cards, { stages, inFlight: open, rounds: repeated, neighbour: neighbour ?? [] }),
  };
}
