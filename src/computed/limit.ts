import { median } from '../base/statistics.ts';
import type { Limit, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { targetGroup } from './cgroup.ts';

/** The place of the limit where nobody set one. */
export const hostMemoryPlace = 'host memory';

/** L = the tightest of the group, all its ancestors and the host's memory (PROTOCOL 1.3). */
export function limit(samples: SampleTable): Limit | Unavailable {
  const group = targetGroup(samples);
  const hostMemory = samples.series('host', 'host', 'mem_total_bytes');
  const hostBytes = hostMemory === null ? null : median(hostMemory.values);
  if (group !== null && group.limitBytes !== null && (hostBytes === null || group.limitBytes < hostBytes)) {
    const place = group.instance.replace(':', ' ');
    const shared = group.isOwn ? '' : ', shared with other processes';
    return {
      bytes: group.limitBytes,
      source: `cgroup ${place}${levels(group.limitLevel)}${shared}`,
      isCgroup: true,
    };
  }
  return hostBytes === null
    ? { unavailable: true, reason: "neither a cgroup limit nor the host's memory was sampled" }
    : { bytes: hostBytes, source: hostMemoryPlace, isCgroup: false };
}

function levels(level: number): string {
  return level === 0 ? '' : ` (${level} ${level === 1 ? 'level' : 'levels'} up)`;
}
