import type { Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { JobBoardCounts } from '../model/server-gauges.ts';
import { emptySeries, hasValues } from './series.ts';

/** The board of a target that fetches its work. */
export function jobBoard(samples: SampleTable): JobBoardCounts | Unavailable {
  const count = (metric: string): Series => samples.series('client', 'harness', metric) ?? emptySeries;
  const reserved = count('tasks_reserved');
  return hasValues(reserved)
    ? {
        reserved,
        waiting: count('tasks_waiting'),
        duplicates: count('answers_duplicate'),
        late: count('answers_late'),
        expired: count('leases_expired'),
        leaseMs: null,
      }
    : { unavailable: true, reason: 'the target fetches no tasks from us', isNotAsked: true };
}
