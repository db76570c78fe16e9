import type { Kills, RunEvent, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { hasValues, risesOf } from './series.ts';

/** Rises of the kernel's counters of OOM kills, and when the first one was seen. */
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
  const timesMs = [...groupRises, ...killEvents].map(({ tMs }) => tMs);
  return {
    // A group that vanished with its last process takes its last reading along; the event stays.
    cgroupKills: groups.length === 0 && groupEvents.length === 0 ? null : Math.max(counted, groupEvents.length),
    hostKills: hasValues(host) ? totalRise(hostRises) : null,
    firstMs: timesMs.length > 0 ? Math.min(...timesMs) : (hostRises[0]?.tMs ?? null),
  };
}

function totalRise(rises: ReturnType<typeof risesOf>): number {
  return rises.reduce((sum, { rise }) => sum + rise, 0);
}
