import type { Device, Footprint, Series, Unavailable } from '../model/artifacts.ts';
import { isUnavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { alignTo, hasValues, mapSeries } from './series.ts';

/** Prefix of a device's metric; what follows is its instance. */
export const deviceMetric = 'device:';

/** What floors are taken of. What was never read is not there. */
export function roundMetrics(
  samples: SampleTable,
  footprint: Footprint | Unavailable,
  device: Device | Unavailable,
): ReadonlyMap<string, Series> {
  const metrics = new Map<string, Series>();
  const add = (name: string, series: Series | null): void => {
    if (hasValues(series)) {
      metrics.set(name, series);
    }
  };
  if (!isUnavailable(footprint)) {
    add('footprint', footprint.total);
    add('rss', footprint.rss);
  }
  const anon = samples.series('tree', 'tree', 'rss_anon_bytes');
  const swap = samples.series('tree', 'tree', 'swap_bytes');
  if (hasValues(anon) && hasValues(swap)) {
    const swapped = alignTo(anon.tMs, swap);
    add(
      'anon+swap',
      mapSeries(anon, (bytes, index) => bytes + (swapped[index] ?? Number.NaN)),
    );
  }
  add('fds', samples.series('tree', 'tree', 'fds'));
  add('threads', samples.series('tree', 'tree', 'threads'));
  for (const one of isUnavailable(device) ? [] : device.devices) {
    add(`${deviceMetric}${one.instance}`, hasValues(one.treeBytes) ? one.treeBytes : one.usedBytes);
  }
  return metrics;
}
