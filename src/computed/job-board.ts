import { leaseMsAt } from '../model/adapter.ts';
import type { Series, Unavailable } from '../model/artifacts.ts';
import type { ResolvedProfile } from '../model/profile.ts';
import type { SampleTable } from '../model/samples.ts';
import type { JobBoardCounts } from '../model/server-gauges.ts';
import { emptySeries, hasValues } from './series.ts';

type Timed = Pick<ResolvedProfile, 'scale' | 'stages'>;

/** A task is its taker's until its lease ends, or before that its own time; null for a profile without load. */
function leasesOf({ scale, stages }: Timed): Pick<JobBoardCounts, 'leaseMs' | 'wholeLeaseMs'> {
  const timeouts = stages.filter(({ load }) => load !== null).map(({ timeoutMs }) => timeoutMs);
  if (timeouts.length === 0) {
    return { leaseMs: null, wholeLeaseMs: null };
  }
  const leastMs = Math.min(...timeouts);
  return { leaseMs: Math.min(leaseMsAt(scale), leastMs), wholeLeaseMs: Math.min(leaseMsAt(1), leastMs / scale) };
}

/** The board of a target that fetches its work. */
export function jobBoard(samples: SampleTable, profile: Timed): JobBoardCounts | Unavailable {
  const count = (metric: string): Series => samples.series('client', 'harness', metric) ?? emptySeries;
  const reserved = count('tasks_reserved');
  return hasValues(reserved)
    ? {
        reserved,
        waiting: count('tasks_waiting'),
        duplicates: count('answers_duplicate'),
        late: count('answers_late'),
        expired: count('leases_expired'),
        ...leasesOf(profile),
      }
    : { unavailable: true, reason: 'the target fetches no tasks from us', isNotAsked: true };
}
