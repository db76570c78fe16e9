import type { Sample } from '../../model/probe.ts';
import {
  activeFile,
  type CatalogSeries,
  declaredLimit,
  restarts,
  scopeOf,
  terminatedReason,
  workingSet,
} from './catalog.ts';
import type { RangeSeries } from './query.ts';

/** Samples that share a time. */
export interface PrometheusBatch {
  tMs: number;
  samples: readonly Sample[];
}

export interface PrometheusEvent {
  tMs: number;
  kind: 'target_gone' | 'oom_kill';
  subject: string;
  detail: string;
}

export interface Answered {
  wanted: CatalogSeries;
  series: readonly RangeSeries[];
}

const prefix = 'prometheus:';
/** The container that only holds a pod's namespaces. */
const pause = 'POD';

/** Name of the container, or null for a row that is a sum over a pod or its pause container. */
export function containerOf({ labels }: RangeSeries): string | null {
  const name = labels['container'] ?? labels['container_name'];
  if (name !== undefined && name !== '') {
    return name === pause ? null : name;
  }
  // Without Kubernetes cAdvisor names a container by `name`, and a plain cgroup by `id`.
  return labels['pod'] === undefined ? (labels['name'] ?? labels['id'] ?? null) : null;
}

function instanceOf(wanted: CatalogSeries, series: RangeSeries): string | null {
  switch (wanted.owner) {
    case 'host':
      return 'host';
    case 'gpu': {
      const uuid = series.labels['UUID'] ?? series.labels['uuid'];
      return uuid === undefined ? null : `cuda:${uuid}`;
    }
    case 'container': {
      const name = containerOf(series);
      return name === null ? null : `${prefix}${name}`;
    }
  }
}

/** All samples by their time. */
export function toBatches(answers: readonly Answered[], wallZeroMs: number): readonly PrometheusBatch[] {
  const byTime = new Map<number, Sample[]>();
  const add = (wallMs: number, sample: Sample): void => {
    const tMs = wallMs - wallZeroMs;
    const batch = byTime.get(tMs);
    if (batch === undefined) {
      byTime.set(tMs, [sample]);
    } else {
      batch.push(sample);
    }
  };
  for (const { wanted, series } of answers) {
    for (const one of series) {
      const instance = instanceOf(wanted, one);
      if (instance === null || wanted.metric === null) {
        continue;
      }
      for (const { wallMs, value } of one.points) {
        if (value !== 0 || !wanted.isZeroNone) {
          add(wallMs, {
            scope: scopeOf[wanted.owner],
            instance,
            metric: wanted.metric,
            value: value * wanted.factor,
          });
        }
      }
    }
  }
  addNonReclaimable(answers, add);
  addDeclaredLimit(answers, add);
  return [...byTime].sort(([a], [b]) => a - b).map(([tMs, samples]) => ({ tMs, samples }));
}

type Add = (wallMs: number, sample: Sample) => void;

const seriesOf = (answers: readonly Answered[], name: string): readonly RangeSeries[] =>
  answers.find(({ wanted }) => wanted.name === name)?.series ?? [];

/**
 * Non-reclaimable = working set - active file pages: cAdvisor's working set is usage less inactive file pages, so
 * what stays is anonymous, shared and kernel memory. An exporter that does not tell active file pages leaves the
 * working set itself, an upper estimate.
 */
function addNonReclaimable(answers: readonly Answered[], add: Add): void {
  for (const one of seriesOf(answers, workingSet)) {
    const container = containerOf(one);
    if (container === null) {
      continue;
    }
    const active = new Map(
      seriesOf(answers, activeFile)
        .filter((other) => containerOf(other) === container)
        .flatMap(({ points }) => points.map(({ wallMs, value }) => [wallMs, value] as const)),
    );
    for (const { wallMs, value } of one.points) {
      add(wallMs, {
        scope: 'cgroup',
        instance: `${prefix}${container}`,
        metric: 'non_reclaimable_bytes',
        value: Math.max(0, value - (active.get(wallMs) ?? 0)),
      });
    }
  }
}

/** What the pod declares counts where cAdvisor tells no limit of the container. */
function addDeclaredLimit(answers: readonly Answered[], add: Add): void {
  const told = new Set(
    seriesOf(answers, 'container_spec_memory_limit_bytes')
      .filter(({ points }) => points.some(({ value }) => value > 0))
      .map(containerOf),
  );
  for (const one of seriesOf(answers, declaredLimit)) {
    const container = containerOf(one);
    if (container !== null && !told.has(container)) {
      for (const { wallMs, value } of one.points) {
        add(wallMs, { scope: 'cgroup', instance: `${prefix}${container}`, metric: 'limit_bytes', value });
      }
    }
  }
}

/** A restart is seen by its counter; the reason of the end before it is told beside, and may come later. */
const reasonWithinMs = 60_000;

export function toEvents(answers: readonly Answered[], wallZeroMs: number): readonly PrometheusEvent[] {
  const killed = seriesOf(answers, terminatedReason);
  return seriesOf(answers, restarts).flatMap((one) => {
    const container = containerOf(one) ?? 'container';
    return one.points.flatMap(({ wallMs, value }, index): PrometheusEvent[] => {
      const before = one.points[index - 1]?.value;
      if (before === undefined || value <= before) {
        return [];
      }
      const at = { tMs: wallMs - wallZeroMs, subject: `${prefix}${container}` };
      const wasKilled = killed.some(
        (other) =>
          containerOf(other) === containerOf(one) &&
          other.points.some((point) => point.value > 0 && Math.abs(point.wallMs - wallMs) <= reasonWithinMs),
      );
      const restarted = `${container} was restarted: ${before} restarts before, ${value} now`;
      return [
        { ...at, kind: 'target_gone', detail: restarted },
        ...(wasKilled
          ? [{ ...at, kind: 'oom_kill' as const, detail: `${container} ended as OOMKilled (kube-state-metrics)` }]
          : []),
      ];
    });
  });
}
