import type { Observe, ObservedTarget, TargetAddress } from '../../model/target.ts';

/** A target of which no memory is read; what a finder has found is laid over it. */
export function unobserved(id: Observe['by'], address: TargetAddress, description: string): ObservedTarget {
  return {
    ...address,
    id,
    description,
    host: null,
    processes: () => [],
    cgroup: { v1Memory: null, v2: null },
    metricsUrl: address.metricsUrl ?? (address.url === null ? null : new URL('/metrics', address.url)),
  };
}
