import type { FootprintPart, ProcessLife, Series, Unavailable } from '../model/artifacts.ts';
import { isUnavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { TargetGroup } from './cgroup.ts';
import { orZero } from './holders.ts';
import { alignTo, hasValues, mapSeries } from './series.ts';
import { tmpfsGrowth } from './tmpfs-growth.ts';

/**
 * Where the footprint lies, part by part (PROTOCOL 1.5). A part of which nothing was ever read is left out: it is not 0.
 * A page of a mapped file of /dev/shm counts as `tmpfs` alone, so that no page counts twice.
 */
export function footprintParts(
  samples: SampleTable,
  tree: Series,
  processes: readonly ProcessLife[] | Unavailable,
  group: TargetGroup | null,
): readonly { part: FootprintPart; series: Series }[] {
  const tmpfs = tmpfsGrowth(samples, tree.tMs)?.bytes.map((bytes) => Math.max(0, bytes)) ?? null;
  const anon = anonByGeneration(samples, tree, isUnavailable(processes) ? [] : processes);
  const groupShared =
    group === null ? null : alignTo(tree.tMs, samples.series('cgroup', group.instance, 'shmem_bytes'));
  const mapped = groupShared ?? largestMapping(samples, tree);
  const parts: [FootprintPart, Float64Array | null][] = [
    ['parent-anon', anon.parent],
    ['child-anon', anon.child],
    ['swap', alignTo(tree.tMs, samples.series('tree', 'tree', 'swap_bytes'))],
    ['shared-mapping', mapped.map((bytes, index) => Math.max(0, bytes - orZero(tmpfs?.[index])))],
    ['tmpfs', tmpfs],
    ['kernel', group === null ? null : kernelOf(samples, tree, group)],
  ];
  return parts.flatMap(([part, values]) => {
    const series = values === null ? null : { tMs: tree.tMs, values };
    return hasValues(series) ? [{ part, series }] : [];
  });
}

/** RssAnon of the roots, and of all that they started. */
function anonByGeneration(
  samples: SampleTable,
  tree: Series,
  lives: readonly ProcessLife[],
): { parent: Float64Array; child: Float64Array } {
  const roots = new Set(lives.filter((life) => life.isRoot).map((life) => life.pid));
  const zero = (): Float64Array => tree.values.map((value) => (Number.isNaN(value) ? Number.NaN : 0));
  const sums = { parent: zero(), child: zero() };
  for (const instance of samples.instances('process', 'rss_anon_bytes')) {
    const sum = roots.has(Number(instance.split('#')[1])) ? sums.parent : sums.child;
    for (const [index, bytes] of alignTo(tree.tMs, samples.series('process', instance, 'rss_anon_bytes')).entries()) {
      sum[index] = (sum[index] ?? Number.NaN) + orZero(bytes);
    }
  }
  return sums;
}

/** Processes that share one mapping each show all of it: the largest counts it once. */
function largestMapping(samples: SampleTable, tree: Series): Float64Array {
  const largest = new Float64Array(tree.tMs.length).fill(Number.NaN);
  for (const instance of samples.instances('process', 'rss_shmem_bytes')) {
    for (const [index, bytes] of alignTo(tree.tMs, samples.series('process', instance, 'rss_shmem_bytes')).entries()) {
      const before = largest[index] ?? Number.NaN;
      if (!Number.isNaN(bytes)) {
        largest[index] = Number.isNaN(before) ? bytes : Math.max(before, bytes);
      }
    }
  }
  return largest;
}

/** Non-reclaimable memory of the group that is neither anonymous nor shared: stacks, page tables, socket buffers. */
function kernelOf(samples: SampleTable, tree: Series, { instance }: TargetGroup): Float64Array {
  const read = (metric: string): Float64Array => alignTo(tree.tMs, samples.series('cgroup', instance, metric));
  const held = read('non_reclaimable_bytes');
  const anon = read('anon_bytes');
  const shared = read('shmem_bytes');
  return mapSeries(tree, (_, index) => {
    const rest = (held[index] ?? Number.NaN) - (anon[index] ?? Number.NaN) - (shared[index] ?? Number.NaN);
    return Number.isNaN(rest) ? rest : Math.max(0, rest);
  }).values;
}
