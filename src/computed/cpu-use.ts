import type { ProcessLife, Series, Unavailable } from '../model/artifacts.ts';
import { isUnavailable } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { CpuUse, ProcessCpu } from '../model/server-gauges.ts';
import { roleOf } from './holders.ts';
import { emptySeries, hasValues } from './series.ts';

/** Cores between readings of a count of seconds; a fall is another process, so a gap. Unread ticks are left out. */
export function coresOf(seconds: Series | null): Series {
  const tMs: number[] = [];
  const values: number[] = [];
  for (const [index, value] of seconds?.values.entries() ?? []) {
    if (!Number.isNaN(value)) {
      tMs.push(seconds?.tMs[index] ?? 0);
      values.push(value);
    }
  }
  const rates = values.map((value, index) => {
    const before = values[index - 1];
    const spanMs = (tMs[index] ?? 0) - (tMs[index - 1] ?? 0);
    return before === undefined || value < before || spanMs <= 0 ? Number.NaN : ((value - before) * 1000) / spanMs;
  });
  return { tMs: Float64Array.from(tMs), values: Float64Array.from(rates) };
}

/** CPU of the target's processes. Their sum is counted over the living ones: the end of one is a gap. */
export function cpuUse(samples: SampleTable, lives: readonly ProcessLife[] | Unavailable): CpuUse | Unavailable {
  const cores = coresOf(samples.series('tree', 'tree', 'cpu_seconds'));
  const roots = new Set((isUnavailable(lives) ? [] : lives).filter((life) => life.isRoot).map((life) => life.pid));
  const processes = samples.instances('process', 'cpu_seconds').map(
    (instance): ProcessCpu => ({
      instance,
      role: roleOf(instance),
      isRoot: roots.has(Number(instance.split('#')[1])),
      cores: coresOf(samples.series('process', instance, 'cpu_seconds')),
      mainThreadCores: coresOf(samples.series('process', instance, 'main_thread_cpu_seconds')),
      threads: samples.series('process', instance, 'threads') ?? emptySeries,
    }),
  );
  return hasValues(cores) || processes.length > 0
    ? { cores, processes }
    : { unavailable: true, reason: "the CPU time of the target's processes was not sampled" };
}
