import { isSameMetric, type NightMetric } from '../../computed/gate/metrics.ts';
import type { ReportSection, TableBlock } from '../../model/section.ts';
import { formatCount } from '../wording/counts.ts';
import { gateValue } from '../wording/gate-values.ts';
import { answeredOf, type Candidate, type Comparison, changeText, ofSide } from './comparison.ts';
import { isRefused, judged, notComparable, thresholdOf } from './judgement.ts';
import { orderOfStops, stopOfSide } from './stops.ts';

/** One line of the table of metrics, as text. */
export interface MetricRow {
  metric: string;
  stage: string;
  before: string;
  now: string;
  change: string;
  threshold: string;
  judgement: string;
}

const none = '–';

function rowOf(
  comparison: Comparison,
  candidate: Candidate,
  before: NightMetric | null,
  now: NightMetric | null,
): readonly MetricRow[] {
  const metric = now ?? before;
  if (metric === null) {
    return [];
  }
  return [
    {
      metric: [metric.id, metric.instance].filter((part) => part !== null).join(' '),
      stage: metric.stage ?? 'whole run',
      before: gateValue(metric.unit, before?.median ?? null),
      now: gateValue(metric.unit, now?.median ?? null),
      change: changeText(before?.median ?? null, now?.median ?? null),
      threshold: gateValue(metric.unit, before === null ? null : thresholdOf(comparison, before)),
      judgement: before === null || now === null ? 'not in both' : judged(comparison, candidate, [before, now]),
    },
  ];
}

/** What no gate judges, but without which the rows below mislead: a stop cuts peaks, answers and spans alike. */
function circumstances(comparison: Comparison, candidate: Candidate): readonly MetricRow[] {
  const sides = [comparison.base, candidate];
  const whole = { stage: 'whole run', threshold: none };
  const [heldBefore = null, heldNow = null] = sides.map((side) => ofSide(side, ({ memory }) => memory.baselineBytes));
  const [stopBefore = null, stopNow = null] = sides.map(stopOfSide);
  const [answeredBefore = 0, answeredNow = 0] = sides.map(answeredOf);
  const stopped: MetricRow[] =
    stopBefore === null && stopNow === null
      ? []
      : [
          {
            ...whole,
            metric: 'time-until-stop',
            before: stopBefore === null ? 'not stopped' : gateValue('ms', stopBefore.atMs),
            now: stopNow === null ? 'not stopped' : gateValue('ms', stopNow.atMs),
            change: changeText(stopBefore?.atMs ?? null, stopNow?.atMs ?? null),
            judgement: isRefused(comparison, candidate) ? notComparable : orderOfStops(stopBefore, stopNow),
          },
        ];
  return [
    {
      ...whole,
      metric: 'memory-before-load',
      before: gateValue('bytes', heldBefore),
      now: gateValue('bytes', heldNow),
      change: changeText(heldBefore, heldNow),
      judgement: 'no threshold',
    },
    ...stopped,
    {
      ...whole,
      metric: stopped.length === 0 ? 'answered' : 'answered-until-stop',
      before: formatCount(answeredBefore),
      now: formatCount(answeredNow),
      change: changeText(answeredBefore, answeredNow),
      judgement: 'no threshold',
    },
  ];
}

/** Every metric that one of the two sides has, after what the runs themselves were like. */
export function metricRows(comparison: Comparison, candidate: Candidate): readonly MetricRow[] {
  const { base } = comparison;
  const find = (metrics: readonly NightMetric[], name: NightMetric): NightMetric | null =>
    metrics.find((one) => isSameMetric(one, name)) ?? null;
  const gone = base.metrics.filter((metric) => find(candidate.metrics, metric) === null);
  return [
    ...circumstances(comparison, candidate),
    ...candidate.metrics.flatMap((metric) => rowOf(comparison, candidate, find(base.metrics, metric), metric)),
    ...gone.flatMap((metric) => rowOf(comparison, candidate, metric, null)),
  ];
}

function tableOf(comparison: Comparison, candidate: Candidate): TableBlock {
  return {
    type: 'table',
    caption: `Metrics of the baseline and of ${candidate.label}; of several runs the median, ${none} where it was not measured`,
    headings: ['metric', 'stage', 'baseline', candidate.label, 'change', 'threshold', 'against the threshold'],
    rows: metricRows(comparison, candidate).map(({ metric, stage, before, now, change, threshold, judgement }) => [
      metric,
      stage,
      before,
      now,
      change,
      threshold,
      judgement,
    ]),
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
