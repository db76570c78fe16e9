import { mad, median } from '../../base/statistics.ts';
import { formatShare } from '../../base/units.ts';
import type { GateConstants, GateMetricRule, GateRow, GateState } from '../../model/gate.ts';
import type { Subject } from '../../model/history.ts';
import { identityOf } from './identity.ts';
import { isSameMetric, metricKey, type NightMetric } from './metrics.ts';
import { type Past, type Reference, referenceOf, usualNights } from './past.ts';
import { gateRow } from './row.ts';
import { valueText } from './value-text.ts';

/** `off`: a suspect fails at once, without a second session. */
export type ConfirmMode = 'auto' | 'off';

export interface RelativeInput {
  series: string;
  sessionId: string;
  subject: Subject;
  metrics: readonly NightMetric[];
  /** null: there was no second session. */
  confirmation: readonly NightMetric[] | null;
  past: Past;
  constants: GateConstants;
  confirm: ConfirmMode;
}

/** What a metric of a session is judged with. */
interface Judged extends RelativeInput {
  metric: NightMetric;
  rule: GateMetricRule;
  isGating: boolean;
  again: NightMetric | null;
}

interface Condition {
  rule: 'relative-history' | 'relative-reference';
  threshold: number;
  /** What the value is held against, in words. */
  against: string;
  facts: Partial<GateRow>;
}

/** Metrics that may fail the gate: those that are meant to, in the order of the gate file, up to the most allowed. */
export function gatingKeys(metrics: readonly NightMetric[], constants: GateConstants): ReadonlySet<string> {
  const meant = Object.entries(constants.metrics).filter(([, rule]) => rule.gates);
  const keys = meant.flatMap(([id]) => metrics.filter((metric) => metric.id === id).map(metricKey));
  return new Set(keys.slice(0, constants.relative.maxGating));
}

/** Layer C: each metric against what is usual and against the pinned reference (PROTOCOL 12.6). */
export function relativeRows(input: RelativeInput): readonly GateRow[] {
  const { constants, metrics, confirmation } = input;
  const gating = gatingKeys(metrics, constants);
  const rows = metrics.flatMap((metric) => {
    const rule = constants.metrics[metric.id];
    const tooFew = metric.requests !== null && metric.requests < (rule?.minRequests ?? 0);
    if (rule === undefined || tooFew) {
      return [];
    }
    const again = confirmation?.find((one) => isSameMetric(one, metric)) ?? null;
    return metricRows({ ...input, metric, rule, again, isGating: gating.has(metricKey(metric)) });
  });
  return [...rows, ...missingRows(input)];
}

function metricRows(judged: Judged): GateRow[] {
  const { past, metric, constants } = judged;
  const nights = usualNights(past, metric);
  const usual = nights.slice(-constants.relative.window).map((night) => night.median);
  const reference = referenceOf(past, metric, nights, constants.relative);
  const centre = median(usual);
  const spread = mad(usual);
  const rows: GateRow[] = [];
  if (usual.length < constants.relative.minHistory || centre === null || spread === null) {
    rows.push(calibratingRow(judged, usual.length));
  } else {
    rows.push(conditionRow(judged, historyCondition(judged, centre, spread, usual.length)));
  }
  return reference === null ? rows : [...rows, conditionRow(judged, referenceCondition(judged, reference))];
}

function calibratingRow({ metric, isGating, constants }: Judged, nights: number): GateRow {
  const { id, stage, instance, unit, values } = metric;
  return gateRow({
    layer: 'relative',
    rule: 'relative-history',
    state: 'calibrating',
    metric: id,
    stage,
    instance,
    isGating,
    unit,
    values,
    value: metric.median,
    sentence: `${nights} of the ${constants.relative.minHistory} accepted nights that a comparison needs.`,
  });
}

/** 1 where more is worse, -1 where less is. */
const worse = ({ isBiggerBetter }: NightMetric): 1 | -1 => (isBiggerBetter ? -1 : 1);

function historyCondition({ metric, rule, constants }: Judged, centre: number, spread: number, n: number): Condition {
  const size = Math.abs(centre);
  const scale = Math.max(spread, rule.floor * size);
  const ofLimit = (rule.absFloorLimitRatio ?? 0) * (metric.ownLimit ?? 0);
  const move = Math.max(rule.delta * size, constants.relative.madFactor * scale, rule.absFloor, ofLimit);
  const threshold = centre + worse(metric) * move;
  return {
    rule: 'relative-history',
    threshold,
    against: `the median ${valueText(centre, metric.unit)} of ${n} nights`,
    facts: { centre, scale },
  };
}

function referenceCondition({ metric, rule }: Judged, reference: Reference): Condition {
  const threshold = reference.median + worse(metric) * rule.deltaRef * Math.abs(reference.median);
  return {
    rule: 'relative-reference',
    threshold,
    against: `the reference ${valueText(reference.median, metric.unit)} (${reference.basis})`,
    facts: { reference: reference.median },
  };
}

const isBeyond = (metric: NightMetric, threshold: number): boolean => worse(metric) * (metric.median - threshold) > 0;

function conditionRow(judged: Judged, condition: Condition): GateRow {
  const { metric, again, past, series } = judged;
  const { id, stage, instance, unit, values } = metric;
  const isSuspect = isBeyond(metric, condition.threshold);
  const state = isSuspect ? suspectState(judged, condition) : 'pass';
  const direction = metric.isBiggerBetter ? 'down' : 'up';
  const known = isSuspect
    ? identityOf({ series, key: metricKey(metric), direction }, judged, past.nights)
    : { identity: null, since: null };
  return gateRow({
    layer: 'relative',
    rule: condition.rule,
    state,
    metric: id,
    stage,
    instance,
    isGating: judged.isGating,
    unit,
    values,
    value: metric.median,
    threshold: condition.threshold,
    confirmation: again?.values ?? [],
    identity: known.identity,
    failingSince: known.since,
    ...condition.facts,
    sentence: sentenceOf(judged, condition, { isSuspect, state, since: known.since }),
  });
}

/** Whether the noise of this series and host is known well enough for a red. */
export function isCalibrated({ past, constants }: Pick<RelativeInput, 'past' | 'constants'>): boolean {
  return past.nights.length >= constants.calibration.minSessions;
}

function suspectState(judged: Judged, { threshold }: Condition): GateState {
  const { again, confirmation, confirm, isGating } = judged;
  if (confirmation !== null && (again === null || !isBeyond(again, threshold))) {
    return 'flaky';
  }
  const isDecided = confirmation !== null || confirm === 'off';
  return isDecided && isGating && isCalibrated(judged) ? 'fail' : 'warn';
}

interface Told {
  isSuspect: boolean;
  state: GateState;
  since: string | null;
}

function sentenceOf(judged: Judged, { against, threshold }: Condition, { isSuspect, state, since }: Told): string {
  const { metric, again } = judged;
  const moved = `${valueText(metric.median, metric.unit)} against ${against}`;
  const bound = `${isSuspect ? 'beyond' : 'within'} ${valueText(threshold, metric.unit)}`;
  if (!isSuspect) {
    return `${moved}, ${bound}.`;
  }
  const second = again === null ? '' : ` The second session measured ${valueText(again.median, metric.unit)}.`;
  const still = since === null ? '' : ` Still failing since ${since}.`;
  return `${moved}, ${bound}.${second} ${suspectText(judged, state)}${still}`;
}

function suspectText({ confirmation, isGating, past, constants }: Judged, state: GateState): string {
  if (state === 'flaky') {
    return 'It did not show it again, so this counts as noise.';
  }
  if (state === 'fail') {
    return confirmation === null
      ? 'Taken without a second session.'
      : `It shows it again. Look for what changed, or take it with: bench history accept.`;
  }
  if (!isGating) {
    return 'This metric only warns.';
  }
  if (!isCalibrated({ past, constants })) {
    return `Only a warning, since the noise is known from ${past.nights.length} of ${constants.calibration.minSessions} nights.`;
  }
  return 'Suspect: it counts once a second session on a fresh server shows it again.';
}

/** A metric that the last accepted night had and this one lacks: silence must not pass. */
function missingRows({ metrics, past, constants }: RelativeInput): GateRow[] {
  const present = new Set(metrics.map(metricKey));
  const lost = (past.accepted.at(-1)?.metrics ?? []).filter((metric) => !present.has(metricKey(metric)));
  return lost
    .filter(({ id }) => constants.metrics[id]?.gates === true)
    .map(({ id, stage, instance, unit }) =>
      gateRow({
        layer: 'relative',
        rule: 'measured-before',
        state: 'inconclusive',
        metric: id,
        stage,
        instance,
        unit,
        sentence: 'The last accepted night measured it, and this one did not. See what could not be observed.',
      }),
    );
}

/** How far repeats of one session lie apart: (max - min) / median; 0 where that is not defined. */
export function spreadOf({ values, median: middle }: Pick<NightMetric, 'values' | 'median'>): number {
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / Math.abs(middle);
}

export function spreadText(metric: NightMetric): string {
  return `${metricKey(metric)} ${formatShare(spreadOf(metric))}`;
}
