import { formatBytes, formatShare } from '../../base/units.ts';
import type { GateConstants, GateRow, GateSlo } from '../../model/gate.ts';
import type { RequestSummary, RunResult } from '../../model/result.ts';
import type { NightMetric } from './metrics.ts';
import { gateRow } from './row.ts';
import { valueText } from './value-text.ts';

type Absolute = GateConstants['absolute'];

/** Layer B: peaks against what bounds them, and the bounds that were configured. The worst repeat counts. */
export function absoluteRows(
  metrics: readonly NightMetric[],
  results: readonly RunResult[],
  absolute: Absolute,
): readonly GateRow[] {
  // A capacity search climbs to the limit on purpose (PROTOCOL 3.8).
  const isSearch = results.some(({ search }) => search !== null);
  const peaks = isSearch ? [] : metrics.filter(({ id }) => id === 'peak-memory' || id === 'device-peak');
  return [
    ...peaks.flatMap((metric) => peakRow(metric, absolute)),
    ...absolute.slos.flatMap((slo) => sloRows(slo, metrics, results)),
  ];
}

function peakRow({ id, stage, instance, values, limit }: NightMetric, absolute: Absolute): GateRow[] {
  if (limit === null || limit <= 0) {
    return [];
  }
  const ratio = Math.max(...values) / limit;
  const state = ratio >= absolute.peakFailRatio ? 'fail' : ratio >= absolute.peakWarnRatio ? 'warn' : 'pass';
  const remedy = state === 'pass' ? '' : ' Hold less at once, or raise the limit.';
  return [
    gateRow({
      layer: 'absolute',
      rule: 'peak-share',
      state,
      metric: id,
      stage,
      instance,
      unit: 'ratio',
      values: values.map((value) => value / limit),
      value: ratio,
      threshold: state === 'fail' ? absolute.peakFailRatio : absolute.peakWarnRatio,
      sentence: `The highest peak is ${formatShare(ratio)} of ${formatBytes(limit)}; ${formatShare(absolute.peakWarnRatio)} warns, ${formatShare(absolute.peakFailRatio)} fails.${remedy}`,
    }),
  ];
}

interface Bounded {
  stage: string | null;
  instance: string | null;
  unit: GateRow['unit'];
  values: readonly number[];
}

function sloRows(slo: GateSlo, metrics: readonly NightMetric[], results: readonly RunResult[]): GateRow[] {
  const bounded =
    slo.metric === 'error-ratio' ? errorRatios(slo, results) : metrics.filter(({ id }) => id === slo.metric);
  const asked = bounded.filter(({ stage }) => slo.stage === undefined || stage === slo.stage);
  if (asked.length === 0) {
    return [
      gateRow({
        layer: 'absolute',
        rule: `slo:${slo.metric}`,
        state: 'inconclusive',
        metric: slo.metric,
        stage: slo.stage ?? null,
        sentence: 'No run measured it. Take the bound out of the gate file, or run a profile that measures it.',
      }),
    ];
  }
  return asked.flatMap((one) => [
    ...(slo.max === undefined ? [] : [boundRow(slo.metric, one, { bound: slo.max, isUpper: true })]),
    ...(slo.min === undefined ? [] : [boundRow(slo.metric, one, { bound: slo.min, isUpper: false })]),
  ]);
}

function boundRow(metric: string, one: Bounded, { bound, isUpper }: { bound: number; isUpper: boolean }): GateRow {
  const worst = isUpper ? Math.max(...one.values) : Math.min(...one.values);
  const isKept = isUpper ? worst <= bound : worst >= bound;
  const told = `${valueText(worst, one.unit)} in the worst run; ${isUpper ? 'at most' : 'at least'} ${valueText(bound, one.unit)} is asked for.`;
  return gateRow({
    layer: 'absolute',
    rule: `slo:${metric}`,
    state: isKept ? 'pass' : 'fail',
    metric,
    stage: one.stage,
    instance: one.instance,
    unit: one.unit,
    values: one.values,
    value: worst,
    threshold: bound,
    sentence: told,
  });
}

/** Share of failures among the requests that were answered or failed, of a stage or of all judged load. */
function errorRatios({ stage }: GateSlo, results: readonly RunResult[]): Bounded[] {
  const values = results.flatMap((result) => {
    const judged = result.stages.filter(({ name, kind }) => (stage === undefined ? kind === 'load' : name === stage));
    return judged.length === 0 ? [] : [errorRatio(judged.map(({ requests }) => requests))];
  });
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? [] : [{ stage: stage ?? null, instance: null, unit: 'ratio', values: known }];
}

function errorRatio(summaries: readonly RequestSummary[]): number | null {
  let failed = 0;
  let all = 0;
  for (const { outcomes } of summaries) {
    const bad =
      outcomes.http_error +
      outcomes.semantic_error +
      outcomes.timeout +
      outcomes.refused +
      outcomes.reset +
      outcomes.closed_early;
    failed += bad;
    all += bad + outcomes.ok;
  }
  return all === 0 ? null : failed / all;
}
