import type { Device, Unavailable } from '../model/artifacts.ts';
import { isUnavailable } from '../model/artifacts.ts';
import type { DeviceUse } from '../model/server-gauges.ts';
import { alignTo, emptySeries, hasValues, mapSeries } from './series.ts';

/** A virtual device computes nothing, so it is none here. Devices on which the target holds nothing do not count. */
export function deviceUse(device: Device | Unavailable): DeviceUse {
  const real = isUnavailable(device) ? [] : device.devices.filter(({ kind }) => kind !== 'virtual');
  const own = real.filter(({ treeBytes }) => treeBytes.values.some((bytes) => bytes > 0));
  const told = (own.length > 0 ? own : real).map(({ utilizationPercent }) => utilizationPercent).filter(hasValues);
  const first = told[0];
  if (first === undefined) {
    return { state: real.length === 0 ? 'none' : 'unread', percent: emptySeries };
  }
  const aligned = told.map((one) => alignTo(first.tMs, one));
  return {
    state: 'read',
    percent: mapSeries(first, (_, index) => {
      const values = aligned.map((one) => one[index] ?? Number.NaN).filter((value) => !Number.isNaN(value));
      return values.length === 0 ? Number.NaN : Math.max(...values);
    }),
  };
}
