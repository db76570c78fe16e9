import type { Pressure, Series, Unavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import { emptySeries, firstAtOrAfter, mapSeries } from './series.ts';

const microsecondsPerMillisecond = 1000;

/** Share of time (0..1) between samples: rise of the total over the time that passed. A fall is a gap (PROTOCOL 17.1). */
export function stalledShare(totals: Series): Series {
  let before: { tMs: number; value: number } | null = null;
  return mapSeries(totals, (value, index) => {
    if (Number.isNaN(value)) {
      return Number.NaN;
    }
    const tMs = totals.tMs[index] ?? 0;
    const last = before;
    before = { tMs, value };
    if (last === null || value < last.value || tMs <= last.tMs) {
      return Number.NaN;
    }
    return Math.min(1, (value - last.value) / microsecondsPerMillisecond / (tMs - last.tMs));
  });
}

/** The target's own group where it has pressure files, else the host. */
export function pressure(samples: SampleTable): Pressure | Unavailable {
  const group = samples.instances('cgroup', 'psi_memory_full_total_us')[0];
  const scope = group === undefined ? 'host' : 'cgroup';
  const instance = group ?? 'host';
  if (group === undefined && samples.series('host', 'host', 'psi_memory_full_total_us') === null) {
    return { unavailable: true, reason: 'pressure (PSI) is not offered by this kernel' };
  }
  const share = (metric: string): Series => {
    const totals = samples.series(scope, instance, metric);
    return totals === null ? emptySeries : stalledShare(totals);
  };
  return {
    memoryFull: share('psi_memory_full_total_us'),
    memorySome: share('psi_memory_some_total_us'),
    cpuSome: share('psi_cpu_some_total_us'),
    ioSome: share('psi_io_some_total_us'),
    scope: instance,
  };
}

/**
 * Mean share over the `windowMs` before `atMs`, weighted by time; each share covers the time since the
 * sample before it. null if less than half of the window was measured.
 */
export function meanShare(share: Series, atMs: number, windowMs: number): number | null {
  let weightMs = 0;
  let sum = 0;
  const fromMs = atMs - windowMs;
  for (let index = Math.max(1, firstAtOrAfter(share.tMs, fromMs)); index < share.tMs.length; index += 1) {
    const endMs = share.tMs[index] ?? 0;
    if (endMs > atMs) {
      break;
    }
    const value = share.values[index] ?? Number.NaN;
    const spanMs = endMs - Math.max(fromMs, share.tMs[index - 1] ?? 0);
    if (!Number.isNaN(value) && spanMs > 0) {
      sum += value * spanMs;
      weightMs += spanMs;
    }
  }
  return weightMs * 2 >= windowMs ? sum / weightMs : null;
}
