import { largest, smallest } from '../base/statistics.ts';
import type { Kills, RunEvent, Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { alignTo, hasValues, risesOf } from './series.ts';

/** Between the parts of a kill's row in `events.csv`. */
const partsApart = '; ';
/** How far back the host's free memory counts: a kill is told at the sample after it. */
const beforeKillMs = 3000;
/** A counter that was read so shortly before the end of the run was readable. */
const failedReadingMs = 3000;

/** Rises of the kernel's counters of OOM kills, when the first one was seen, and all that was read of it. */
export function kills(samples: SampleTable, events: readonly RunEvent[]): Kills | Unavailable {
  const groups = samples
    .instances('cgroup', 'oom_kills')
    .map((instance) => samples.series('cgroup', instance, 'oom_kills'))
    .filter(hasValues);
  const host = samples.series('host', 'host', 'oom_kills');
  const killEvents = events.filter((event) => event.kind === 'oom_kill');
  const groupEvents = killEvents.filter((event) => event.subject !== 'host');
  if (groups.length === 0 && !hasValues(host) && killEvents.length === 0) {
    return { unavailable: true, reason: 'no counter of OOM kills could be read' };
  }
  const groupRises = groups.flatMap(risesOf);
  const counted = groupRises.reduce((sum, { rise }) => sum + rise, 0);
  const hostRises = hasValues(host) ? risesOf(host) : [];
  const timesMs = [...groupRises, ...groupEvents].map(({ tMs }) => tMs);
  const hostKillTimesMs = [...hostRises, ...killEvents.filter((event) => event.subject === 'host')].map(
    ({ tMs }) => tMs,
  );
  const countedUntilMs = largest(groups.flatMap(lastReadMs));
  // A group that vanished with its last process takes its counter along; the event stays. One reading that failed is no such end.
  const endMs = largest(groups.map(({ tMs }) => tMs.at(-1) ?? 0)) ?? 0;
  const isReadable = countedUntilMs !== null && countedUntilMs >= endMs - failedReadingMs;
  return {
    cgroupKills: counted + groupEvents.length === 0 && !isReadable ? null : Math.max(counted, groupEvents.length),
    countedUntilMs,
    hostKills: hasValues(host) ? hostRises.reduce((sum, { rise }) => sum + rise, 0) : null,
    firstMs: smallest(timesMs) ?? smallest(hostKillTimesMs),
    hostKillTimesMs,
    availableRatio: availableBefore(samples, smallest(hostKillTimesMs)),
    evidence: groupEvents.flatMap((event) => event.detail.split(partsApart).filter((part) => part !== '')),
  };
}

/** Empty if nothing was read. */
function lastReadMs({ tMs, values }: Series): readonly number[] {
  const index = values.findLastIndex((value) => !Number.isNaN(value));
  return index < 0 ? [] : [tMs[index] ?? 0];
}

function availableBefore(samples: SampleTable, atMs: number | null): number | null {
  const available: Series | null = samples.series('host', 'host', 'mem_available_bytes');
  if (atMs === null || available === null) {
    return null;
  }
  const total = alignTo(available.tMs, samples.series('host', 'host', 'mem_total_bytes'));
  const ratios = [...available.values].flatMap((bytes, index) => {
    const at = available.tMs[index] ?? 0;
    const ratio = bytes / (total[index] ?? Number.NaN);
    return Number.isNaN(ratio) || at > atMs || at < atMs - beforeKillMs ? [] : [ratio];
  });
  return smallest(ratios);
}
