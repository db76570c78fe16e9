import { quantileOfSorted } from '../../base/statistics.ts';
import { stepAt } from '../../computed/in-flight.ts';
import { latenciesByBucket } from '../../computed/latency.ts';
import { meanShare } from '../../computed/pressure.ts';
import { usualStepMs, valueAt } from '../../computed/series.ts';
import { stageAt } from '../../computed/stages.ts';
import { isUnavailable, type Series } from '../../model/artifacts.ts';
import type { MinuteRow } from '../../model/result.ts';
import type { RunArtifacts } from './artifacts.ts';

const minuteMs = 60_000;
const pressureWindowMs = 10_000;
/** A value that is older than this many usual steps is not the state at that minute. */
const stepsOfAge = 3;
const shortestAgeMs = 1000;

/** Rows at 0, 1, 2, ... minutes of the profile, up to the end of the run (PROTOCOL 14.3). */
export function minuteRows(
  artifacts: RunArtifacts,
  scale: number,
  endMs: number,
  hasRequests: boolean,
): readonly MinuteRow[] {
  const everyMs = minuteMs * scale;
  const count = Math.floor(endMs / everyMs) + 1;
  const { footprint, host, device, pressure, records, stages, inFlight } = artifacts;
  const held = isUnavailable(footprint) ? null : footprint;
  const hostView = isUnavailable(host) ? null : host;
  const card = isUnavailable(device) ? null : device;
  const stalls = isUnavailable(pressure) ? null : pressure;
  // In one pass: a long run has a million records and hundreds of minutes.
  const latenciesMs = latenciesByBucket(records, everyMs, count);
  const states = {
    rssBytes: stateOf(held?.rss),
    footprintBytes: stateOf(held?.total),
    memAvailableBytes: stateOf(hostView?.memAvailableBytes),
    vramUsedBytes: stateOf(card?.usedBytes),
    vramFreeBytes: stateOf(card?.freeBytes),
  };
  return Array.from({ length: count }, (_, minute) => {
    const atMs = minute * everyMs;
    const share = (series: Series | undefined): number | null =>
      series === undefined ? null : meanShare(series, atMs, Math.min(pressureWindowMs, everyMs));
    return {
      minute,
      atMs,
      // The first stage starts a moment after the run.
      stage: stageAt(stages, minute === 0 ? (stages[0]?.startMs ?? 0) : atMs)?.name ?? '',
      rssBytes: states.rssBytes(atMs),
      // Only read when nothing is in flight, so an older one within the minute is the state.
      pssBytes: held === null ? null : valueAt(held.pss, atMs, everyMs),
      footprintBytes: states.footprintBytes(atMs),
      memAvailableBytes: states.memAvailableBytes(atMs),
      vramUsedBytes: states.vramUsedBytes(atMs),
      vramFreeBytes: states.vramFreeBytes(atMs),
      psiMemorySomeAvg10: share(stalls?.memorySome),
      psiMemoryFullAvg10: share(stalls?.memoryFull),
      inFlight: hasRequests ? stepAt(inFlight, atMs) : null,
      // Of what was planned in the minute before.
      p95Ms: quantileOfSorted(latenciesMs[minute - 1] ?? [], 0.95),
    };
  });
}

/** The first sample comes a moment after the run's start: for minute 0 the one just after counts too. */
function stateOf(series: Series | undefined): (atMs: number) => number | null {
  if (series === undefined) {
    return () => null;
  }
  const ageMs = Math.max(shortestAgeMs, stepsOfAge * (usualStepMs(series) ?? 0));
  return (atMs) => valueAt(series, atMs, ageMs) ?? (atMs === 0 ? firstWithin(series, ageMs) : null);
}

function firstWithin(series: Series, ageMs: number): number | null {
  const index = series.values.findIndex((value) => !Number.isNaN(value));
  return index >= 0 && (series.tMs[index] ?? 0) <= ageMs ? (series.values[index] ?? null) : null;
}
