import type { Device, DeviceMemory, Series, StageWindow, Unavailable } from '../model/artifacts.ts';
import { isUnavailable } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import type { DeviceLevel } from '../model/server-gauges.ts';
import { baseline, floorBeforeNeighbour } from './floors.ts';
import { warmBase } from './retention.ts';
import { hasValues, maximum, valueAt } from './series.ts';

/** A driver reads who holds what less often than what is in use. */
const shareAgeMs = 10_000;

/** How full each device was before, at most and after load. */
export function deviceLevels(
  device: Device | Unavailable,
  run: { stages: readonly StageWindow[]; inFlight: Series; neighbour: readonly RequestRecord[] },
): readonly DeviceLevel[] {
  const base = (held: Series): number | null => warmBase(held, baseline(held, run.stages), run);
  const levelOf = (one: DeviceMemory): readonly DeviceLevel[] => {
    const peak = maximum(one.usedBytes);
    if (peak === null || one.totalBytes === null || one.totalBytes <= 0) {
      return [];
    }
    const share = (held: Series): number | null => (hasValues(held) ? valueAt(held, peak.tMs, shareAgeMs) : null);
    const ownBytes = share(one.treeBytes);
    const ownBaseBytes = base(one.treeBytes);
    return [
      {
        instance: one.instance,
        isVirtual: one.kind === 'virtual',
        totalBytes: one.totalBytes,
        baseBytes: base(one.usedBytes),
        peakBytes: peak.value,
        peakMs: peak.tMs,
        floorBytes: floorBeforeNeighbour(one.usedBytes, run),
        ownBytes,
        othersBytes: share(one.othersBytes),
        ownRiseBytes: ownBytes === null || ownBaseBytes === null ? null : ownBytes - ownBaseBytes,
      },
    ];
  };
  return isUnavailable(device) ? [] : device.devices.flatMap(levelOf);
}
