import { median } from '../base/statistics.ts';
import type { Device, DeviceKind, DeviceMemory, Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { emptySeries, hasValues, mapSeries, maximum } from './series.ts';

const kinds: readonly DeviceKind[] = ['cuda', 'amd', 'intel', 'virtual'];

function totalIn(total: Series | null): number | null {
  return total === null ? null : median(total.values);
}

function freeOf(free: Series | null, used: Series, totalBytes: number | null): Series {
  if (hasValues(free)) {
    return free;
  }
  return totalBytes === null ? emptySeries : mapSeries(used, (bytes) => totalBytes - bytes);
}

/** What a probe has read of one device; null if it never got a value. */
function sampledDevice(samples: SampleTable, instance: string): DeviceMemory | null {
  const kind = kinds.find((one) => instance.startsWith(`${one}:`));
  const series = (metric: string): Series => samples.series('gpu', instance, metric) ?? emptySeries;
  const usedBytes = series('used_bytes');
  const treeBytes = series('tree_bytes');
  if (kind === undefined || !(hasValues(usedBytes) || hasValues(treeBytes))) {
    return null;
  }
  const totalBytes = totalIn(series('total_bytes'));
  return {
    instance,
    kind,
    totalBytes,
    usedBytes,
    freeBytes: freeOf(series('free_bytes'), usedBytes, totalBytes),
    treeBytes,
    othersBytes: series('others_bytes'),
    unattributedBytes: series('unattributed_bytes'),
    utilizationPercent: series('utilization_percent'),
  };
}

const peakOf = (series: Series): number => maximum(series)?.value ?? 0;

/** The one of which the target held most; where nobody could tell, the fullest. */
function byTheTargetsShare(a: DeviceMemory, b: DeviceMemory): number {
  return peakOf(b.treeBytes) - peakOf(a.treeBytes) || peakOf(b.usedBytes) - peakOf(a.usedBytes);
}

/** What the server tells of itself on its metrics page. */
function toldDevice(samples: SampleTable): DeviceMemory | null {
  for (const kind of kinds) {
    const series = (name: string): Series | null =>
      samples.series('target', 'metrics', `headroom_device_${name}_bytes{kind="${kind}"}`);
    const used = series('used');
    const totalBytes = totalIn(series('total'));
    if (hasValues(used) && totalBytes !== null) {
      return {
        instance: 'metrics',
        kind,
        totalBytes,
        usedBytes: used,
        freeBytes: freeOf(series('free'), used, totalBytes),
        treeBytes: emptySeries,
        othersBytes: emptySeries,
        unattributedBytes: emptySeries,
        utilizationPercent: emptySeries,
      };
    }
  }
  return null;
}

/**
 * Device memory: as a probe read it, since that goes on when the server hangs; else as the server
 * itself tells it. A virtual device is always told as one.
 */
export function device(samples: SampleTable): Device | Unavailable {
  const instances = new Set([...samples.instances('gpu', 'used_bytes'), ...samples.instances('gpu', 'tree_bytes')]);
  const sampled = [...instances].flatMap((instance) => sampledDevice(samples, instance) ?? []);
  const devices = sampled.length > 0 ? sampled.toSorted(byTheTargetsShare) : [toldDevice(samples)];
  const [first, ...others] = devices.filter((one) => one !== null);
  return first === undefined
    ? { unavailable: true, reason: 'no device was read, and the target tells of none' }
    : { ...first, devices: [first, ...others] };
}
