import type { Series } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { alignTo } from './series.ts';
import { tmpfsGrowth } from './tmpfs-growth.ts';

export const sharedHolder = 'shared memory';
export const otherHolder = 'kernel and other';

export const roleOf = (instance: string): string => instance.split('#')[0] ?? instance;

/** Shared memory and the kernel are no process. */
export function holderText(holder: string): string {
  return holder === sharedHolder || holder === otherHolder ? `Memory of ${holder}` : `The ${holder} process`;
}

/** A process that takes its name only after its start is seen under both within a few samples. */
const renameWithinMs = 5000;

/** Role of every instance; one that went on under another name has its last one from the start. */
function rolesOf(samples: SampleTable): ReadonlyMap<string, string> {
  const roles = new Map<string, string>();
  const sights = samples.instances('process', 'rss_anon_bytes').map((instance) => {
    const tMs = samples.series('process', instance, 'rss_anon_bytes')?.tMs;
    return { instance, pid: instance.split('#')[1], firstMs: tMs?.[0] ?? 0, lastMs: tMs?.at(-1) ?? 0 };
  });
  for (const sight of sights.sort((a, b) => b.firstMs - a.firstMs)) {
    const next = sights.find(
      ({ pid, firstMs }) => pid === sight.pid && firstMs > sight.lastMs && firstMs - sight.lastMs <= renameWithinMs,
    );
    roles.set(sight.instance, (next === undefined ? undefined : roles.get(next.instance)) ?? roleOf(sight.instance));
  }
  return roles;
}

/** RssAnon + VmSwap by role. A role without a process holds 0; a tick without any reading is NaN. */
export function bytesByRole(samples: SampleTable, tree: Series): ReadonlyMap<string, Float64Array> {
  const roles = new Map<string, Float64Array>();
  const names = rolesOf(samples);
  for (const instance of samples.instances('process', 'rss_anon_bytes')) {
    const role = names.get(instance) ?? roleOf(instance);
    const held = roles.get(role) ?? tree.values.map((value) => (Number.isNaN(value) ? Number.NaN : 0));
    const anon = alignTo(tree.tMs, samples.series('process', instance, 'rss_anon_bytes'));
    const swap = alignTo(tree.tMs, samples.series('process', instance, 'swap_bytes'));
    for (const [index, bytes] of anon.entries()) {
      if (!Number.isNaN(bytes)) {
        held[index] = (held[index] ?? 0) + bytes + orZero(swap[index]);
      }
    }
    roles.set(role, held);
  }
  return roles;
}

/**
 * Shared memory counted once: the larger of what tmpfs gained since the first sample and the largest
 * mapping of any process. A sum of both would count a mapped file of /dev/shm twice.
 */
export function sharedBytes(samples: SampleTable, tMs: Float64Array): Float64Array {
  const grown = tmpfsGrowth(samples, tMs)?.bytes ?? new Float64Array(tMs.length);
  const shared = grown.map((bytes) => Math.max(0, orZero(bytes)));
  for (const instance of samples.instances('process', 'rss_shmem_bytes')) {
    const mapped = alignTo(tMs, samples.series('process', instance, 'rss_shmem_bytes'));
    for (const [index, bytes] of mapped.entries()) {
      shared[index] = Math.max(shared[index] ?? 0, orZero(bytes));
    }
  }
  return shared;
}

export function orZero(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? 0 : value;
}
