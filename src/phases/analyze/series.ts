import { decimate } from '../../base/decimate.ts';
import { latencyOverTime } from '../../computed/latency.ts';
import { outcomeRates } from '../../computed/outcome-rates.ts';
import { rates } from '../../computed/rates.ts';
import { hasValues, mapSeries } from '../../computed/series.ts';
import { socketCounts } from '../../computed/target-metrics.ts';
import { isUnavailable, type Series } from '../../model/artifacts.ts';
import type { RunResult } from '../../model/result.ts';
import type { SampleTable } from '../../model/samples.ts';
import type { RunArtifacts } from './artifacts.ts';

const maxPoints = 800;
/** About as many rates and percentiles as a chart has room for; none over less than a second. */
const buckets = 600;
const shortestBucketMs = 1000;

/** The lines of the page. A line without any value is left out: it was not observed. */
export function resultSeries(
  artifacts: RunArtifacts,
  samples: SampleTable,
  { endMs, hasRequests }: { endMs: number; hasRequests: boolean },
): RunResult['series'] {
  const { records, stages, inFlight } = artifacts;
  const bucketMs = Math.max(shortestBucketMs, endMs / buckets);
  const lines: Record<string, Series> = {
    ...(hasRequests
      ? {
          ...latencyOverTime(records, bucketMs, endMs),
          ...rates(records, bucketMs, endMs),
          ...prefixed('outcome:', outcomeRates(records, bucketMs, endMs)),
          inFlight,
        }
      : {}),
    ...memoryLines(artifacts),
    ...livenessLines(artifacts),
    ...socketCounts(samples),
  };
  const edgesMs = stages.flatMap((stage) => [stage.startMs, stage.endMs]);
  return Object.fromEntries(
    Object.entries(lines)
      .filter(([, series]) => hasValues(series))
      .map(([name, series]) => [
        name,
        decimate(name === 'inFlight' ? untilEnd(series, endMs) : series, maxPoints, edgesMs),
      ]),
  );
}

function prefixed(prefix: string, lines: Iterable<readonly [string, Series]>): Record<string, Series> {
  return Object.fromEntries([...lines].map(([name, series]) => [`${prefix}${name}`, series]));
}

function memoryLines({ footprint, device, host }: RunArtifacts): Record<string, Series> {
  const lines: Record<string, Series> = {};
  if (!isUnavailable(footprint)) {
    lines['footprint'] = footprint.total;
    lines['rss'] = footprint.rss;
    for (const { holder, series } of footprint.holders) {
      lines[`holder:${holder}`] = series;
    }
    for (const { part, series } of footprint.parts) {
      lines[`part:${part}`] = series;
    }
  }
  if (!isUnavailable(device)) {
    lines['deviceUsed'] = device.usedBytes;
    lines['deviceTree'] = device.treeBytes;
    lines['deviceOthers'] = device.othersBytes;
    lines['deviceBusy'] = mapSeries(device.utilizationPercent, (percent) => percent / 100);
  }
  if (!isUnavailable(host)) {
    lines['memAvailable'] = host.memAvailableBytes;
  }
  return lines;
}

function livenessLines({ pressure, health, unreadBytes }: RunArtifacts): Record<string, Series> {
  const lines: Record<string, Series> = {};
  if (!isUnavailable(pressure)) {
    lines['psiMemorySome'] = pressure.memorySome;
    lines['psiMemoryFull'] = pressure.memoryFull;
    lines['psiCpuSome'] = pressure.cpuSome;
    lines['psiIoSome'] = pressure.ioSome;
  }
  if (!isUnavailable(health)) {
    lines['healthRtt'] = health.rttMs;
  }
  if (!isUnavailable(unreadBytes)) {
    lines['unreadBytes'] = unreadBytes;
  }
  return lines;
}

/** A step function is drawn from sample to sample: it needs its value often enough, and at the end. */
function untilEnd(steps: Series, endMs: number): Series {
  const everyMs = Math.max(100, endMs / maxPoints);
  const tMs: number[] = [];
  const values: number[] = [];
  let value = 0;
  let next = 0;
  for (let gridMs = 0; gridMs <= endMs; gridMs += everyMs) {
    let highest = value;
    while (next < steps.tMs.length && (steps.tMs[next] ?? 0) <= gridMs) {
      value = steps.values[next] ?? 0;
      highest = Math.max(highest, value);
      next += 1;
    }
    tMs.push(gridMs);
    // Between two points the highest counts, so that a short burst is seen.
    values.push(highest);
  }
  return { tMs: Float64Array.from(tMs), values: Float64Array.from(values) };
}
