import type { Footprint, Series } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { highWater, type TargetGroup } from './cgroup.ts';
import { orZero } from './holders.ts';
import { alignTo, mapSeries, maximum } from './series.ts';

/**
 * The highest level since the sample before: what was sampled, or what a high-water mark of the kernel says.
 * The mark of a group is the group's own; those of processes are added up, so that two short rises of two
 * processes count as one moment, which is an upper bound (proc_pid_status(5), VmHWM).
 */
export function footprintPeaks(
  samples: SampleTable,
  total: Series,
  group: TargetGroup | null,
): Pick<Footprint, 'peaks' | 'peakBytes' | 'peakSource' | 'peakMs'> {
  const marked = group === null ? processMarks(samples, total) : highWater(samples, group.instance, total);
  const peaks = mapSeries(total, (bytes, index) => {
    const mark = marked?.values[index] ?? Number.NaN;
    return Number.isNaN(mark) || mark <= bytes ? bytes : mark;
  });
  const peak = maximum(peaks) ?? { value: Number.NaN, tMs: 0 };
  const sampled = maximum(total);
  const isMarked = sampled === null || peak.value > sampled.value;
  const source = group === null ? 'high-water marks of the processes' : 'cgroup high-water mark, less page cache';
  return { peaks, peakBytes: peak.value, peakMs: peak.tMs, peakSource: isMarked ? source : 'samples' };
}

/** Level plus how far the highest resident memory of each process since its last reading lies above its present one. */
function processMarks(samples: SampleTable, total: Series): Series {
  const above = new Float64Array(total.tMs.length);
  for (const instance of samples.instances('process', 'hwm_bytes')) {
    const marks = alignTo(total.tMs, samples.series('process', instance, 'hwm_bytes'));
    const resident = alignTo(total.tMs, samples.series('process', instance, 'rss_bytes'));
    for (const [index, mark] of marks.entries()) {
      const bytes = mark - (resident[index] ?? Number.NaN);
      above[index] = (above[index] ?? 0) + Math.max(0, orZero(bytes));
    }
  }
  return mapSeries(total, (bytes, index) => bytes + (above[index] ?? 0));
}
