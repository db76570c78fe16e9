import { median } from '../base/statistics.ts';
import type { Series } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { isOwnGroup } from './own-group.ts';
import { alignTo, hasValues, mapSeries } from './series.ts';

/** The cgroup whose limit counts for the target. */
export interface TargetGroup {
  instance: string;
  limitBytes: number | null;
  limitLevel: number;
  /** It holds the target and nothing else, so that its memory is the target's. */
  isOwn: boolean;
}

/**
 * The group with the tightest limit; null if no group was sampled. A server that was started anew in another
 * group of the same limit has two: the one that was read more often counts.
 */
export function targetGroup(samples: SampleTable): TargetGroup | null {
  const groups = samples
    .instances('cgroup', 'non_reclaimable_bytes')
    .map((instance): TargetGroup => {
      const limits = samples.series('cgroup', instance, 'limit_bytes');
      const levels = samples.series('cgroup', instance, 'limit_level');
      return {
        instance,
        limitBytes: lowest(limits),
        limitLevel: levels === null ? 0 : (median(levels.values) ?? 0),
        isOwn: holdsOnlyTheTarget(samples, instance),
      };
    })
    .sort((a, b) => byLimit(a, b) || readings(samples, b.instance) - readings(samples, a.instance));
  return groups[0] ?? null;
}

/** Infinity less infinity is no number, so equal limits are told first. */
function byLimit(a: TargetGroup, b: TargetGroup): number {
  const [left, right] = [a.limitBytes ?? Number.POSITIVE_INFINITY, b.limitBytes ?? Number.POSITIVE_INFINITY];
  return left === right ? 0 : left - right;
}

function readings(samples: SampleTable, instance: string): number {
  const held = samples.series('cgroup', instance, 'non_reclaimable_bytes');
  return held?.values.filter((value) => !Number.isNaN(value)).length ?? 0;
}

function lowest(series: Series | null): number | null {
  let low: number | null = null;
  for (const value of series?.values ?? []) {
    if (!Number.isNaN(value) && (low === null || value < low)) {
      low = value;
    }
  }
  return low;
}

function holdsOnlyTheTarget(samples: SampleTable, instance: string): boolean {
  const tree = samples.series('tree', 'tree', 'rss_anon_bytes');
  const group =
    samples.series('cgroup', instance, 'anon_bytes') ?? samples.series('cgroup', instance, 'non_reclaimable_bytes');
  if (tree === null || group === null) {
    return false;
  }
  const groupBytes = alignTo(tree.tMs, group);
  const votes = [...tree.values].flatMap((treeBytes, index) => {
    const held = groupBytes[index] ?? Number.NaN;
    return Number.isNaN(treeBytes) || Number.isNaN(held) ? [] : [isOwnGroup(held, treeBytes)];
  });
  return votes.length > 0 && votes.filter((vote) => vote).length * 2 > votes.length;
}

/**
 * The group's highest non-reclaimable memory since the sample before, from the kernel's high-water
 * mark. The mark counts page cache too; as much of it as either neighbouring sample shows is taken
 * off, so that a file that was read is never taken for memory that is held. NaN without a mark.
 */
export function highWater(samples: SampleTable, instance: string, level: Series): Series | null {
  const usage = alignTo(level.tMs, samples.series('cgroup', instance, 'usage_bytes'));
  const held = alignTo(level.tMs, samples.series('cgroup', instance, 'non_reclaimable_bytes'));
  const marks = alignTo(level.tMs, samples.series('cgroup', instance, 'peak_bytes'));
  const lifetime = alignTo(level.tMs, samples.series('cgroup', instance, 'peak_lifetime_bytes'));
  const high = mapSeries(level, (_, index) => {
    const cacheBytes = Math.max(reclaimable(usage, held, index - 1), reclaimable(usage, held, index));
    const mark = marks[index] ?? Number.NaN;
    if (!Number.isNaN(mark)) {
      return mark - cacheBytes;
    }
    // A mark that cannot be reset tells something new only where it rose.
    const risen = (lifetime[index] ?? Number.NaN) > (lifetime[index - 1] ?? Number.NaN);
    return risen ? (lifetime[index] ?? Number.NaN) - cacheBytes : Number.NaN;
  });
  return hasValues(high) ? high : null;
}

function reclaimable(usage: Float64Array, held: Float64Array, index: number): number {
  const bytes = (usage[index] ?? Number.NaN) - (held[index] ?? Number.NaN);
  return Number.isNaN(bytes) ? 0 : Math.max(0, bytes);
}
