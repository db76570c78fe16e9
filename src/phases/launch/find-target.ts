import { findById } from '../../base/by-id.ts';
import type { HostView, Observe, ObservedTarget, TargetAddress, TargetFinder } from '../../model/target.ts';

/** Throws what the finder throws: TARGET_UNREACHABLE if it is not there, USAGE if it cannot be found this way. */
export function findTarget(
  finders: readonly TargetFinder[],
  observe: Observe,
  address: TargetAddress,
  host: HostView,
): Promise<ObservedTarget> {
  return findById('target', finders, observe.by).find(observe, address, host);
}
