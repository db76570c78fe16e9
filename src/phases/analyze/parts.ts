import { baseline, floor } from '../../computed/floors.ts';
import { maximum } from '../../computed/series.ts';
import {
  type DeviceMemory,
  type FootprintPart,
  isUnavailable,
  type Limit,
  type Series,
} from '../../model/artifacts.ts';
import type { MemoryPart, RunResult } from '../../model/result.ts';
import type { RunArtifacts } from './artifacts.ts';

/** What bounds a part: swap and tmpfs have a size of their own, the others share the limit of the footprint. */
function limitOf(part: FootprintPart, artifacts: RunArtifacts): Pick<MemoryPart, 'limitBytes' | 'limitSource'> {
  const { host, limit } = artifacts;
  const shared = (found: Limit | null): Pick<MemoryPart, 'limitBytes' | 'limitSource'> => ({
    limitBytes: found?.bytes ?? null,
    limitSource: found?.source ?? null,
  });
  const memory = shared(isUnavailable(limit) ? null : limit);
  if (isUnavailable(host)) {
    return memory;
  }
  switch (part) {
    case 'swap':
      return { limitBytes: host.swapTotalBytes, limitSource: 'swap of the host' };
    case 'tmpfs':
      return host.tmpfs === null ? memory : { limitBytes: host.tmpfs.sizeBytes, limitSource: host.tmpfs.mountPoint };
    case 'parent-anon':
    case 'child-anon':
    case 'shared-mapping':
    case 'kernel':
      return memory;
  }
}

function levels(
  series: Series,
  { stages, inFlight }: RunArtifacts,
): Pick<MemoryPart, 'baselineBytes' | 'peakBytes' | 'floorBytes'> {
  return {
    baselineBytes: baseline(series, stages),
    peakBytes: maximum(series)?.value ?? null,
    floorBytes: floor(series, stages, inFlight),
  };
}

/** Each part of the host's footprint against its own limit. */
export function memoryParts(artifacts: RunArtifacts): RunResult['memory']['parts'] {
  const { footprint, hiddenMemory } = artifacts;
  return isUnavailable(footprint)
    ? []
    : footprint.parts.map(({ part, series }) => ({
        part,
        ...levels(series, artifacts),
        ...limitOf(part, artifacts),
        ...(part === 'tmpfs' && !isUnavailable(hiddenMemory) && !hiddenMemory.isOwn ? { mayBeOthers: true } : {}),
      }));
}

function deviceOf(device: DeviceMemory, artifacts: RunArtifacts): RunResult['memory']['devices'][number] {
  return {
    instance: device.instance,
    kind: device.kind,
    limitBytes: device.totalBytes,
    ...levels(device.usedBytes, artifacts),
    targetPeakBytes: maximum(device.treeBytes)?.value ?? null,
    othersPeakBytes: maximum(device.othersBytes)?.value ?? null,
  };
}

/** Device memory apart from the host's: the two are never added (PROTOCOL 1.4). */
export function deviceLevels(artifacts: RunArtifacts): RunResult['memory']['devices'] {
  const { device } = artifacts;
  return isUnavailable(device) ? [] : device.devices.map((found) => deviceOf(found, artifacts));
}
