import { changePoints } from '../../base/e-divisive.ts';
import { median } from '../../base/statistics.ts';
import { formatShare } from '../../base/units.ts';
import type { GateConstants, GateRow } from '../../model/gate.ts';
import type { HistorySession, Subject } from '../../model/history.ts';
import { isSameMetric, type MetricName, metricKey, type NightMetric } from './metrics.ts';
import type { Past } from './past.ts';
import { gateRow } from './row.ts';
import { valueText } from './value-text.ts';

/** Since when, and between which commits. */
interface Point {
  sessionId: string;
  subject: Subject;
  value: number;
}

/**
 * Layer D: nights from which on a metric lies on another level, for the worse. It tells which night it was, which a
 * threshold cannot; it is late and often, so it warns (PROTOCOL 12.7).
 */
export function changePointRows(
  tonight: { sessionId: string; subject: Subject; metrics: readonly NightMetric[] },
  { nights }: Past,
  constants: GateConstants,
): readonly GateRow[] {
  return tonight.metrics.flatMap((metric) => {
    const rule = constants.metrics[metric.id];
    if (rule === undefined) {
      return [];
    }
    const key = metricKey(metric);
    const points = [
      ...nights.flatMap((night) => pointOf(night, metric) ?? []),
      { sessionId: tonight.sessionId, subject: tonight.subject, value: metric.median },
    ].slice(-constants.changePoints.window);
    const least = Math.max(rule.delta, constants.changePoints.minMagnitude);
    return shifts(points, metric.isBiggerBetter ? -1 : 1, { constants, least, key }).map((shift) =>
      shiftRow(metric, shift, constants),
    );
  });
}

function pointOf(night: HistorySession, name: MetricName): Point | null {
  const metric = night.metrics.find((one) => isSameMetric(one, name));
  return metric === undefined || night.purpose === 'confirm' || night.purpose === 'pr'
    ? null
    : { sessionId: night.sessionId, subject: night.subject, value: metric.median };
}

interface Shift {
  before: Point | null;
  first: Point;
  from: number;
  to: number;
  change: number;
  p: number;
  values: readonly number[];
}

function shifts(
  points: readonly Point[],
  worse: 1 | -1,
  { constants, least, key }: { constants: GateConstants; least: number; key: string },
): Shift[] {
  const { minBefore, minAfter, pValue, permutations } = constants.changePoints;
  const values = points.map(({ value }) => value);
  const middle = Math.abs(median(values) ?? 0);
  // Without spread no split is better than another, and without enough of it no shift counts.
  if (values.length < minBefore + minAfter || Math.max(...values) - Math.min(...values) < least * middle) {
    return [];
  }
  const found = changePoints(values, { pValue, permutations, minSegment: minAfter, seed: `change-points ${key}` });
  const edges = [0, ...found.map(({ index }) => index), values.length];
  return found.flatMap(({ index, p }, order) => {
    const from = median(values.slice(edges[order] ?? 0, index));
    const to = median(values.slice(index, edges[order + 2] ?? values.length));
    const first = points[index];
    if (from === null || to === null || first === undefined || index < minBefore || values.length - index < minAfter) {
      return [];
    }
    const change = from === 0 ? 0 : (to - from) / Math.abs(from);
    return worse * change < least ? [] : [{ before: points[index - 1] ?? null, first, from, to, change, p, values }];
  });
}

function shiftRow(metric: NightMetric, shift: Shift, { changePoints: { canFail, pValue } }: GateConstants): GateRow {
  const { id, stage, instance, unit } = metric;
  const { before, first, from, to, change } = shift;
  const commits = [before?.subject.commit ?? null, first.subject.commit];
  const range = commits.every((commit) => commit !== null) ? `, between commits ${commits.join(' and ')}` : '';
  const how = `${formatShare(Math.abs(change))} ${change > 0 ? 'higher' : 'lower'}`;
  return gateRow({
    layer: 'change-point',
    rule: 'change-point',
    state: canFail ? 'fail' : 'warn',
    metric: id,
    stage,
    instance,
    isGating: canFail,
    unit,
    value: to,
    centre: from,
    threshold: pValue,
    failingSince: first.sessionId,
    sentence: `Since ${first.sessionId} it lies ${how}${range}: ${valueText(from, unit)} before, ${valueText(to, unit)} after (p = ${shift.p.toPrecision(1)}).`,
  });
}
