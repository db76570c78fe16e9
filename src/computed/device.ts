import { median } from '../base/statistics.ts';
import type { Device, Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { hasValues, mapSeries } from './series.ts';

/** Device memory as the target itself tells it. A virtual device is always told as one. */
export function device(samples: SampleTable): Device | Unavailable {
  for (const kind of ['cuda', 'virtual'] as const) {
    const series = (name: string): Series | null =>
      samples.series('target', 'metrics', `headroom_device_${name}_bytes{kind="${kind}"}`);
    const used = series('used');
    const total = series('total');
    const totalBytes = total === null ? null : median(total.values);
    if (hasValues(used) && totalBytes !== null) {
      return {
        kind,
        totalBytes,
        usedBytes: used,
        freeBytes: series('free') ?? mapSeries(used, (bytes) => totalBytes - bytes),
      };
    }
  }
  return { unavailable: true, reason: 'the target tells no device memory' };
}
