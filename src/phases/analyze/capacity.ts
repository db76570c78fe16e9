import { formatBytes, formatClock } from '../../base/units.ts';
import { capacityOf } from '../../computed/capacity.ts';
import { growthAtRest, isBeyondGarbage } from '../../computed/growth-at-rest.ts';
import { runEnd } from '../../computed/stages.ts';
import { requestsUnknown } from '../../computed/watched.ts';
import { isUnavailable } from '../../model/artifacts.ts';
import type { Capacity } from '../../model/capacity.ts';
import type { RunResult } from '../../model/result.ts';
import type { GatheredRun } from '../../model/samples.ts';
import { artifactsOf, type RunArtifacts } from './artifacts.ts';

/** Under the limit that was found, or another one. Nothing is guessed: without a ladder it is said why. */
export function capacityResult(
  artifacts: RunArtifacts,
  scale: number,
  otherLimitBytes: number | null,
): Pick<RunResult, 'capacity' | 'capacityUnknown'> {
  const unknown = (why: string): Pick<RunResult, 'capacity' | 'capacityUnknown'> => ({
    capacity: null,
    capacityUnknown: why,
  });
  const { ladder, limit } = artifacts;
  if (isUnavailable(ladder)) {
    return unknown(ladder.reason);
  }
  if (otherLimitBytes === null && isUnavailable(limit)) {
    return unknown(limit.reason);
  }
  const grows = growsAtRest(artifacts, scale);
  if (grows !== null && ladder.search === null) {
    return unknown(grows);
  }
  const asked = otherLimitBytes === null ? null : { bytes: otherLimitBytes, source: 'as given' };
  const found = isUnavailable(limit) ? null : limit;
  const bound = asked ?? found;
  const capacity: Capacity | string = bound === null ? 'no limit was found' : capacityOf(ladder, bound);
  return typeof capacity === 'string' ? unknown(capacity) : { capacity, capacityUnknown: null };
}

/** How the reason begins. */
export const restlessClaim = 'memory grows with nothing in flight';

/** What grows with nothing in flight fills any limit, however few are at once (PROTOCOL 17.4); null: nothing does. */
function growsAtRest({ footprint, stages, inFlight, events }: RunArtifacts, scale: number): string | null {
  const { risen } = isUnavailable(footprint)
    ? { risen: null }
    : growthAtRest({ footprint, stages, inFlight, events }, scale);
  return risen === null || !isBeyondGarbage(risen)
    ? null
    : `${restlessClaim}: by ${formatBytes(risen.line.bytesPerSecond)}/s from ${formatClock(risen.startMs)} on, so that it fills its limit however few are at once`;
}

/** The capacity that a kept run shows, under another limit if one is given. */
export function capacityOfRun(
  run: GatheredRun,
  otherLimitBytes: number | null,
): Pick<RunResult, 'capacity' | 'capacityUnknown'> {
  const unrecorded = requestsUnknown(run);
  const artifacts = artifactsOf(run, runEnd(run.events, run.manifest.measured?.endMs ?? null));
  return unrecorded === null
    ? capacityResult(artifacts, run.manifest.profile.scale, otherLimitBytes)
    : { capacity: null, capacityUnknown: unrecorded };
}
