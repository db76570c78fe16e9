import type { Footprint, ProcessLife, Series, StageWindow, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { type TargetGroup, targetGroup } from './cgroup.ts';
import { baseline, floor } from './floors.ts';
import { footprintParts } from './footprint-parts.ts';
import { footprintPeaks } from './footprint-peaks.ts';
import { bytesByRole, orZero, otherHolder, sharedBytes, sharedHolder } from './holders.ts';
import { alignTo, emptySeries, hasValues, mapSeries } from './series.ts';

/**
 * Non-reclaimable memory N of the target (PROTOCOL 1.2). Where it has a limited cgroup of its own: the group's
 * anonymous, shared and kernel memory, plus what is in swap. Else over the process tree:
 * RssAnon + VmSwap, plus shared memory counted once. Without any process in sight, as behind another
 * monitor, the group alone.
 */
export function footprint(
  samples: SampleTable,
  stages: readonly StageWindow[],
  inFlight: Series,
  processes: readonly ProcessLife[] | Unavailable,
): Footprint | Unavailable {
  const tree = samples.series('tree', 'tree', 'rss_anon_bytes');
  const group = targetGroup(samples);
  if (!hasValues(tree)) {
    return group === null
      ? { unavailable: true, reason: "no memory of the target's processes was sampled" }
      : footprintOfGroup(samples, stages, inFlight, group);
  }
  const own = group?.isOwn === true && group.limitBytes !== null ? group : null;
  const { total, holders } = own === null ? ofTree(samples, tree) : ofGroup(samples, tree, own.instance);
  const peak = footprintPeaks(samples, total, own);
  const series = (metric: string): Series => samples.series('tree', 'tree', metric) ?? emptySeries;
  return {
    total,
    holders,
    parts: footprintParts(samples, tree, processes, own),
    rss: series('rss_bytes'),
    pss: series('pss_bytes'),
    ...peak,
    peakHolder: holderAt(holders, heldMs(total, peak.peakMs)) ?? 'unknown',
    baselineBytes: baseline(total, stages),
    floorBytes: floor(total, stages, inFlight),
  };
}

function footprintOfGroup(
  samples: SampleTable,
  stages: readonly StageWindow[],
  inFlight: Series,
  group: TargetGroup,
): Footprint | Unavailable {
  const total = samples.series('cgroup', group.instance, 'non_reclaimable_bytes');
  if (!hasValues(total)) {
    return { unavailable: true, reason: `no memory of ${group.instance} was read` };
  }
  return {
    total,
    holders: [{ holder: group.instance, series: total }],
    parts: [],
    rss: emptySeries,
    pss: emptySeries,
    ...footprintPeaks(samples, total, group),
    peakHolder: group.instance,
    baselineBytes: baseline(total, stages),
    floorBytes: floor(total, stages, inFlight),
  };
}

type Parts = Pick<Footprint, 'total' | 'holders'>;

function ofTree(samples: SampleTable, tree: Series): Parts {
  const roles = bytesByRole(samples, tree);
  const shared = sharedBytes(samples, tree.tMs);
  const swap = alignTo(tree.tMs, samples.series('tree', 'tree', 'swap_bytes'));
  const total = mapSeries(tree, (bytes, index) => bytes + orZero(swap[index]) + orZero(shared[index]));
  return { total, holders: stacked(total, roles, shared) };
}

function ofGroup(samples: SampleTable, tree: Series, instance: string): Parts {
  const held = alignTo(tree.tMs, samples.series('cgroup', instance, 'non_reclaimable_bytes'));
  const shmem = alignTo(tree.tMs, samples.series('cgroup', instance, 'shmem_bytes'));
  const swap = alignTo(tree.tMs, samples.series('tree', 'tree', 'swap_bytes'));
  const total = mapSeries(tree, (_, index) => (held[index] ?? Number.NaN) + orZero(swap[index]));
  const shared = shmem.map((bytes) => orZero(bytes));
  return { total, holders: stacked(total, bytesByRole(samples, tree), shared) };
}

/**
 * Roles, shared memory and a rest that together give the total. The group and its processes are read
 * a moment apart, so their sum may pass the total by a little: then every part is scaled down.
 */
function stacked(total: Series, roles: ReadonlyMap<string, Float64Array>, shared: Float64Array): Footprint['holders'] {
  const parts: [string, Float64Array][] = [...roles, [sharedHolder, shared]];
  const sums = total.values.map((_, index) => parts.reduce((sum, [, bytes]) => sum + orZero(bytes[index]), 0));
  const holders = parts.map(([holder, bytes]) => ({
    holder,
    series: mapSeries(total, (whole, index) => {
      const sum = orZero(sums[index]);
      return Number.isNaN(whole) ? whole : orZero(bytes[index]) * (sum > whole ? whole / sum : 1);
    }),
  }));
  const rest = mapSeries(total, (whole, index) =>
    Number.isNaN(whole) ? whole : Math.max(0, whole - orZero(sums[index])),
  );
  return [...holders, { holder: otherHolder, series: rest }].filter(({ series }) =>
    series.values.some((value) => value > 0),
  );
}

/**
 * A high-water mark is read at the sample after it was reached, when whoever reached it may have been killed: of that
 * sample and the one before it, the higher one shows who held it.
 */
function heldMs(total: Series, peakMs: number): number {
  const index = total.tMs.indexOf(peakMs);
  const before = total.values.findLastIndex((value, position) => position < index && !Number.isNaN(value));
  return (total.values[before] ?? 0) > (total.values[index] ?? 0) ? (total.tMs[before] ?? peakMs) : peakMs;
}

/** Who holds most at a time; null if nobody was seen. */
export function holderAt(holders: Footprint['holders'], tMs: number): string | null {
  let best: { holder: string; bytes: number } | null = null;
  for (const { holder, series } of holders) {
    const index = Math.max(
      0,
      series.tMs.findLastIndex((at, position) => at <= tMs && !Number.isNaN(series.values[position] ?? Number.NaN)),
    );
    const bytes = series.values[index] ?? Number.NaN;
    if (!Number.isNaN(bytes) && (best === null || bytes > best.bytes)) {
      best = { holder, bytes };
    }
  }
  return best?.holder ?? null;
}

/** Who grew most between two times; null if nobody did. */
export function growingHolder(holders: Footprint['holders'], fromMs: number, toMs: number): string | null {
  let best: { holder: string; bytes: number } | null = null;
  for (const { holder, series } of holders) {
    const inside = [...series.values].filter((value, index) => {
      const at = series.tMs[index] ?? 0;
      return at >= fromMs && at <= toMs && !Number.isNaN(value);
    });
    const bytes = (inside.at(-1) ?? 0) - (inside[0] ?? 0);
    if (bytes > 0 && (best === null || bytes > best.bytes)) {
      best = { holder, bytes };
    }
  }
  return best?.holder ?? null;
}
