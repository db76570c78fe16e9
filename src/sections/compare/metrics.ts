import { isSameMetric, type NightMetric } from '../../computed/gate/metrics.ts';
import type { ReportSection, TableBlock } from '../../model/section.ts';
import { gateValue } from '../wording/gate-values.ts';
import { type Candidate, type Comparison, changeText } from './comparison.ts';

/** How far the base may be left before the gate would object to it as a reference; null: it does not judge this. */
function thresholdOf({ constants }: Comparison, { id, median, isBiggerBetter }: NightMetric): number | null {
  const rule = constants?.metrics[id];
  if (rule === undefined) {
    return null;
  }
  const move = Math.max(rule.deltaRef * Math.abs(median), rule.absFloor);
  return isBiggerBetter ? median - move : median + move;
}

function judged(base: NightMetric, candidate: NightMetric, threshold: number | null): string {
  if (threshold === null) {
    return 'no threshold';
  }
  const worse = base.isBiggerBetter ? -1 : 1;
  const isBeyond = worse * (candidate.median - threshold) > 0;
  const move = Math.abs(threshold - base.median);
  const isBetter = worse * (base.median - candidate.median) > move;
  return isBeyond ? '✕ beyond' : isBetter ? '✓ better' : '✓ within';
}

function rowOf(comparison: Comparison, base: NightMetric | null, candidate: NightMetric | null): readonly string[] {
  const metric = candidate ?? base;
  if (metric === null) {
    return [];
  }
  const threshold = base === null ? null : thresholdOf(comparison, base);
  return [
    [metric.id, metric.instance].filter((part) => part !== null).join(' '),
    metric.stage ?? 'whole run',
    gateValue(metric.unit, base?.median ?? null),
    gateValue(metric.unit, candidate?.median ?? null),
    changeText(base?.median ?? null, candidate?.median ?? null),
    gateValue(metric.unit, threshold),
    base === null || candidate === null ? 'not in both' : judged(base, candidate, threshold),
  ];
}

function tableOf(comparison: Comparison, candidate: Candidate): TableBlock {
  const { base } = comparison;
  const find = (metrics: readonly NightMetric[], name: NightMetric): NightMetric | null =>
    metrics.find((one) => isSameMetric(one, name)) ?? null;
  const gone = base.metrics.filter((metric) => find(candidate.metrics, metric) === null);
  return {
    type: 'table',
    caption: `Metrics of the base and of ${candidate.label}; of several runs the median, – where it was not measured`,
    headings: ['metric', 'stage', 'base', candidate.label, 'change', 'threshold', 'against the threshold'],
    rows: [
      ...candidate.metrics.map((metric) => rowOf(comparison, find(base.metrics, metric), metric)),
      ...gone.map((metric) => rowOf(comparison, metric, null)),
    ],
  };
}

export function metrics(comparison: Comparison): ReportSection {
  const basis =
    comparison.constants === null
      ? 'No gate file was found, so no threshold is shown.'
      : `Thresholds are those that the gate (${comparison.constants.version}) holds against a pinned reference. One pair of runs is no history: the gate decides over nights.`;
  return {
    id: 'metrics',
    title: 'Metrics',
    render: () => [
      { type: 'paragraph', text: basis },
      ...comparison.candidates.map((candidate) => tableOf(comparison, candidate)),
    ],
  };
}
