import type { Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { LockedMemory } from '../model/server-gauges.ts';
import { orZero, roleOf } from './holders.ts';
import { alignTo, hasValues, mapSeries } from './series.ts';

/** Locked and pinned bytes of the tree; a driver's host allocations appear in neither on most systems. */
export function lockedMemory(samples: SampleTable): LockedMemory | Unavailable {
  const locked = samples.series('tree', 'tree', 'locked_bytes');
  if (!hasValues(locked)) {
    return { unavailable: true, reason: "the locked memory of the target's processes was not read" };
  }
  const pinned = alignTo(locked.tMs, samples.series('tree', 'tree', 'pinned_bytes'));
  return {
    total: mapSeries(locked, (bytes, index) => bytes + orZero(pinned[index])),
    holders: heldByRole(samples, locked),
  };
}

/** A process whose memory stood still is not read at every tick: it holds what it held at its last reading. */
function heldByRole(samples: SampleTable, ticks: Series): LockedMemory['holders'] {
  const roles = new Map<string, Float64Array>();
  for (const instance of samples.instances('process', 'locked_bytes')) {
    const sum = roles.get(roleOf(instance)) ?? new Float64Array(ticks.tMs.length);
    const pinned = alignTo(ticks.tMs, samples.series('process', instance, 'pinned_bytes'));
    for (const [index, bytes] of alignTo(ticks.tMs, samples.series('process', instance, 'locked_bytes')).entries()) {
      sum[index] = (sum[index] ?? 0) + orZero(bytes) + orZero(pinned[index]);
    }
    roles.set(roleOf(instance), sum);
  }
  return [...roles]
    .map(([role, values]) => ({ role, series: { tMs: ticks.tMs, values } }))
    .filter(({ series }) => series.values.some((bytes) => bytes > 0));
}
