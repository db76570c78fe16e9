import { median, quantile } from '../base/statistics.ts';
import type { Device, Footprint, Series, StageWindow, Unavailable } from '../model/artifacts.ts';
import { isUnavailable } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import type { Retention, Rounds } from '../model/rounds.ts';
import { baseline, floorBeforeNeighbour } from './floors.ts';
import { holderAt } from './footprint.ts';
import { stepAt } from './in-flight.ts';
import { deviceMetric } from './round-metrics.ts';
import { between, hasValues, maximum } from './series.ts';
import { quietWindows, sendsLoad } from './stages.ts';

interface Run {
  stages: readonly StageWindow[];
  inFlight: Series;
  rounds: Rounds;
  /** The other tenant of the device, as it was called. */
  neighbour: readonly RequestRecord[];
}

/** What was held before, at most and after load: on the host first, then on each device. */
export function retention(
  footprint: Footprint | Unavailable,
  device: Device | Unavailable,
  run: Run,
): readonly Retention[] | Unavailable {
  const places: Retention[] = [];
  if (!isUnavailable(footprint)) {
    places.push({
      place: 'host',
      baseBytes: warmBase(footprint.total, footprint.baselineBytes, run),
      peakBytes: footprint.peakBytes,
      floorBytes: footprint.floorBytes,
      capacityBytes: null,
      holder: holderAt(footprint.holders, quietEndMs(run) ?? footprint.peakMs),
      ...addedByRounds(run.rounds, 'footprint'),
    });
  }
  for (const one of isUnavailable(device) ? [] : device.devices) {
    // What others hold comes and goes with their own work.
    const held = one.treeBytes;
    const peak = maximum(held);
    if (hasValues(held) && peak !== null) {
      places.push({
        place: one.instance,
        baseBytes: warmBase(held, baseline(held, run.stages), run),
        peakBytes: peak.value,
        floorBytes: floorBeforeNeighbour(held, run),
        capacityBytes: one.totalBytes,
        holder: isUnavailable(footprint) ? null : footprint.peakHolder,
        ...addedByRounds(run.rounds, `${deviceMetric}${one.instance}`),
      });
    }
  }
  return places.length === 0 && isUnavailable(footprint) ? footprint : places;
}

function quietEndMs({ stages, inFlight }: Run): number | null {
  return quietWindows(stages, inFlight).at(-1)?.endMs ?? null;
}

/**
 * What is loaded with the first request stays on purpose: so a stage before the last load in which one request at a
 * time was in flight raises the base to its low level.
 */
export function warmBase(
  total: Series,
  idleBytes: number | null,
  { stages, inFlight }: Pick<Run, 'stages' | 'inFlight'>,
): number | null {
  if (idleBytes === null) {
    return null;
  }
  const lastLoad = stages.findLast(({ kind }) => kind === 'load');
  const single = stages.filter(
    (stage) => sendsLoad(stage) && stage.startMs < (lastLoad?.startMs ?? 0) && mostInFlight(inFlight, stage) === 1,
  );
  const levels = single.map(({ startMs, endMs }) =>
    quantile(between(total, endMs - (endMs - startMs) / 3, endMs).values, 0.1),
  );
  return Math.max(idleBytes, ...levels.filter((level) => level !== null));
}

function mostInFlight(inFlight: Series, { startMs, endMs }: StageWindow): number {
  return Math.max(stepAt(inFlight, startMs), maximum(between(inFlight, startMs, endMs))?.value ?? 0);
}

/**
 * The usual step between the floors of neighbouring equal loads, of the family that adds most; and what the steps of
 * all families come to, if each was the usual one of its family. null without two equal loads.
 */
function addedByRounds(
  { families }: Rounds,
  metric: string,
): Pick<Retention, 'secondRoundBytes' | 'addedByRoundsBytes'> {
  const added = families.flatMap(({ warmup, rounds }) => {
    const floors = [...(warmup === null ? [] : [warmup]), ...rounds].flatMap((round) => round.floors[metric] ?? []);
    const steps = floors.slice(1).map((value, index) => value - (floors[index] ?? value));
    const usual = median(steps);
    return usual === null ? [] : [{ usual, all: usual * steps.length }];
  });
  return added.length === 0
    ? { secondRoundBytes: null, addedByRoundsBytes: null }
    : {
        secondRoundBytes: Math.max(...added.map(({ usual }) => usual)),
        addedByRoundsBytes: added.reduce((sum, { all }) => sum + Math.max(0, all), 0),
      };
}
