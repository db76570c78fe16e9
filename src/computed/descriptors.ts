import type { Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { Descriptors } from '../model/server-gauges.ts';
import { roleOf } from './holders.ts';
import { hasValues } from './series.ts';

/** Open files of every process whose count could be read. */
export function descriptors(samples: SampleTable): readonly Descriptors[] | Unavailable {
  const seen = samples.instances('process', 'fds').flatMap((instance): Descriptors[] => {
    const open = samples.series('process', instance, 'fds');
    const limits = samples.series('process', instance, 'fd_soft_limit');
    return hasValues(open)
      ? [
          {
            instance,
            role: roleOf(instance),
            open,
            softLimit: limits?.values.findLast((value) => !Number.isNaN(value)) ?? null,
          },
        ]
      : [];
  });
  return seen.length > 0
    ? seen
    : { unavailable: true, reason: "the open files of the target's processes were not read" };
}
