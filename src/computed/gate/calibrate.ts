import { mad, median } from '../../base/statistics.ts';
import type { GateConstants, GateMetricRule, GateUnit } from '../../model/gate.ts';
import type { HistoryMetric, HistorySession } from '../../model/history.ts';
import { metricKey } from './metrics.ts';

/** How much one metric varies when nothing changes, and what that means for its thresholds. */
export interface MetricCalibration {
  key: string;
  unit: GateUnit;
  sessions: number;
  centre: number;
  /** Median over sessions of (max - min) / median of the repeats; null: no session has two. */
  withinRatio: number | null;
  /** 1.4826 MAD of the sessions' medians over their median. */
  betweenRatio: number;
  /** Sessions beyond a threshold that a rolling history would have set, for each hundred judged; null: none could be judged. */
  suspectsPerHundred: number | null;
  /** The same where the next session was beyond its threshold too, as a confirmation would have been. */
  falseAlarmsPerHundred: number | null;
  proposed: Pick<GateMetricRule, 'delta' | 'deltaRef' | 'floor'>;
}

/**
 * A session lies beyond 5 of its own scales once in 1.7 million if they are normal, and a delta should not be what
 * raises an alarm before the scale does; half a percent is as finely as a delta is worth writing down.
 */
const deltaScales = 5;
const step = 0.005;

/** What a series of one version (A/A) says of its own noise (PROTOCOL 12.9). */
export function calibrate(nights: readonly HistorySession[], constants: GateConstants): readonly MetricCalibration[] {
  const byKey = new Map<string, HistoryMetric[]>();
  for (const metric of nights.flatMap(({ metrics }) => metrics)) {
    byKey.set(metricKey(metric), [...(byKey.get(metricKey(metric)) ?? []), metric]);
  }
  return [...byKey].flatMap(([key, metrics]) => {
    const rule = constants.metrics[metrics[0]?.id ?? ''];
    return rule === undefined ? [] : (calibrateMetric(key, metrics, { rule, constants }) ?? []);
  });
}

function calibrateMetric(
  key: string,
  metrics: readonly HistoryMetric[],
  { rule, constants }: { rule: GateMetricRule; constants: GateConstants },
): MetricCalibration | null {
  const medians = metrics.map((metric) => metric.median);
  const centre = median(medians);
  const spread = mad(medians);
  const first = metrics[0];
  if (first === undefined || centre === null || centre === 0 || spread === null) {
    return null;
  }
  const betweenRatio = spread / Math.abs(centre);
  const repeated = metrics.filter(({ values }) => values.length > 1);
  const delta = Math.max(0.02, Math.ceil((deltaScales * betweenRatio) / step) * step);
  return {
    key,
    unit: first.unit,
    sessions: metrics.length,
    centre,
    withinRatio: median(
      repeated.map(({ values, median: middle }) => (Math.max(...values) - Math.min(...values)) / middle),
    ),
    betweenRatio,
    ...replayed(medians, first.isBiggerBetter ? -1 : 1, { rule, constants }),
    proposed: { delta: round(delta), deltaRef: round(2 * delta), floor: round(Math.max(0.005, betweenRatio)) },
  };
}

const round = (share: number): number => Math.round(share * 10_000) / 10_000;

/** The rule of relative change over the sessions in their order, each held against those before it. */
function replayed(
  medians: readonly number[],
  worse: 1 | -1,
  { rule, constants }: { rule: GateMetricRule; constants: GateConstants },
): Pick<MetricCalibration, 'suspectsPerHundred' | 'falseAlarmsPerHundred'> {
  const { window, minHistory, madFactor } = constants.relative;
  const usual: number[] = [];
  let judged = 0;
  let suspects = 0;
  let confirmed = 0;
  for (const [index, value] of medians.entries()) {
    const held = usual.slice(-window);
    const centre = median(held);
    const spread = mad(held);
    const isBeyond = (one: number): boolean => {
      const size = Math.abs(centre ?? 0);
      const move = Math.max(rule.delta * size, madFactor * Math.max(spread ?? 0, rule.floor * size), rule.absFloor);
      return worse * (one - (centre ?? 0)) > move;
    };
    if (held.length < minHistory) {
      usual.push(value);
      continue;
    }
    judged += 1;
    if (!isBeyond(value)) {
      usual.push(value);
      continue;
    }
    const next = medians[index + 1];
    suspects += 1;
    confirmed += next !== undefined && isBeyond(next) ? 1 : 0;
  }
  const perHundred = (count: number): number | null => (judged === 0 ? null : (100 * count) / judged);
  return { suspectsPerHundred: perHundred(suspects), falseAlarmsPerHundred: perHundred(confirmed) };
}
