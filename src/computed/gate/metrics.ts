import { median } from '../../base/statistics.ts';
import type { GateMetric } from '../../model/gate.ts';
import type { HistoryMetric } from '../../model/history.ts';
import type { RunResult, StageResult } from '../../model/result.ts';
import { hostMemoryPlace } from '../limit.ts';

/** A metric over the repeats of one session. */
export interface NightMetric extends Omit<HistoryMetric, 'isSuspect'> {
  limit: number | null;
  ownLimit: number | null;
  /** Answers of all repeats; null where it is none of requests. */
  requests: number | null;
}

/** What names a metric within a series. */
export type MetricName = Pick<HistoryMetric, 'id' | 'stage' | 'instance'>;

/** `peak-memory`, `p95-latency/overload`, `device-peak@cuda:0`: the same over all nights of a series. */
export function metricKey({ id, stage, instance }: MetricName): string {
  return `${id}${stage === null ? '' : `/${stage}`}${instance === null ? '' : `@${instance}`}`;
}

/** As equal keys, without making them. */
export function isSameMetric(a: MetricName, b: MetricName): boolean {
  return a.id === b.id && a.stage === b.stage && a.instance === b.instance;
}

type Place = Pick<GateMetric, 'stage' | 'instance'>;
const wholeRun: Place = { stage: null, instance: null };

interface Bound {
  limit: number | null;
  ownLimit: number | null;
}
const unbound: Bound = { limit: null, ownLimit: null };

function bytes(id: string, place: Place, value: number | null, bound: Bound = unbound): GateMetric[] {
  return value === null
    ? []
    : [{ id, ...place, unit: 'bytes', isBiggerBetter: false, value, ...bound, requests: null }];
}

/** All that one run offers for comparison, in the order of its stages. Only judged load counts, never a warm-up (PROTOCOL 19.1). */
export function gateMetricsOf(result: RunResult): readonly GateMetric[] {
  const { memory } = result;
  const limit = memory.limitBytes;
  const bound = { limit, ownLimit: memory.limitSource === hostMemoryPlace ? null : limit };
  return [
    ...bytes('peak-memory', wholeRun, memory.peakBytes, bound),
    ...memory.devices.flatMap(({ instance, targetPeakBytes, peakBytes, limitBytes }) =>
      bytes('device-peak', { stage: null, instance }, targetPeakBytes ?? peakBytes, {
        limit: limitBytes,
        ownLimit: limitBytes,
      }),
    ),
    ...bytes('settled-memory', wholeRun, memory.floorBytes, bound),
    ...result.stages.filter(({ kind }) => kind === 'load').flatMap(stageMetrics),
  ];
}

function stageMetrics(stage: StageResult): GateMetric[] {
  const place = { stage: stage.name, instance: null };
  const requests = stage.requests.outcomes.ok;
  const latency = (id: string, value: number | null): GateMetric[] =>
    value === null ? [] : [{ id, ...place, unit: 'ms', isBiggerBetter: false, value, ...unbound, requests }];
  const { p50, p95, p99 } = stage.requests.latencyMs;
  const rate = stage.achievedPerSecond;
  return [
    ...bytes('stage-memory', place, stage.memory.endBytes),
    ...(rate === null
      ? []
      : [
          {
            id: 'throughput',
            ...place,
            unit: 'per_s',
            isBiggerBetter: true,
            value: rate,
            ...unbound,
            requests,
          } as const,
        ]),
    ...latency('p50-latency', p50),
    ...latency('p95-latency', p95),
    ...latency('p99-latency', p99),
  ];
}

/** The compared value of each metric is the median of the repeats that measured it (PROTOCOL 20.2). */
export function nightMetrics(results: readonly RunResult[]): readonly NightMetric[] {
  const byKey = new Map<string, GateMetric[]>();
  for (const metric of results.flatMap(gateMetricsOf)) {
    const key = metricKey(metric);
    byKey.set(key, [...(byKey.get(key) ?? []), metric]);
  }
  return [...byKey.values()].flatMap((repeats) => nightMetric(repeats) ?? []);
}

function nightMetric(repeats: readonly GateMetric[]): NightMetric | null {
  const values = repeats.map(({ value }) => value);
  const middle = median(values);
  const first = repeats[0];
  if (first === undefined || middle === null) {
    return null;
  }
  const { id, stage, instance, unit, isBiggerBetter } = first;
  const tightest = (limits: readonly number[]): number | null => (limits.length === 0 ? null : Math.min(...limits));
  const counts = repeats.flatMap(({ requests }) => requests ?? []);
  return {
    id,
    stage,
    instance,
    unit,
    isBiggerBetter,
    values,
    median: middle,
    limit: tightest(repeats.flatMap(({ limit }) => limit ?? [])),
    ownLimit: tightest(repeats.flatMap(({ ownLimit }) => ownLimit ?? [])),
    requests: counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0),
  };
}
