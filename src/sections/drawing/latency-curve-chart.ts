import { plainText } from '../../base/escape-html.ts';
import { formatDuration } from '../../base/units.ts';
import { latencyFrom } from '../../computed/watched.ts';
import type { LatencyCurve, RunResult } from '../../model/result.ts';
import type { Block, TableBlock } from '../../model/section.ts';
import { rawOf } from './frame.ts';
import { scaleFor } from './scales.ts';
import { xyCanvas, xyChart, xyDots, xyLine } from './xy-chart.ts';

const looks = [
  { color: 'var(--l1-line)', dash: null },
  { color: 'var(--accent)', dash: [6, 3] },
  { color: 'var(--muted)', dash: [2, 3] },
  { color: 'var(--ok)', dash: [8, 3, 2, 3] },
  { color: 'var(--warn)', dash: [1, 3] },
] as const;
/** 1 / (1 - p): each step to the right is a share ten times rarer. */
const axisTicks = [1, 2, 10, 20, 100, 1000, 10_000, 100_000, 1_000_000];
const axisLabels = "datum.value === 1 ? 'fastest' : 'p' + format(100 - 100 / datum.value, '.6~f')";
const tableRatios = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999];

function nameOf({ stage, from }: LatencyCurve): string {
  const place = stage === null ? 'all' : plainText(stage, 40);
  return `${place}, from ${from === 'planned' ? 'planned time' : 'sending'}`;
}

function table(curves: readonly LatencyCurve[]): TableBlock {
  return {
    type: 'table',
    caption: 'Latency by share of the answers; – where fewer answers than that share needs',
    headings: ['answers', 'count', ...tableRatios.map((ratio) => `p${Number((ratio * 100).toFixed(2))}`)],
    rows: curves.map((curve) => [
      nameOf(curve),
      curve.answers.toString(),
      ...tableRatios.map((ratio) => {
        const ms = curve.points.find((point) => point.ratio === ratio)?.ms ?? null;
        return ms === null ? '–' : formatDuration(ms);
      }),
    ]),
  };
}

/** Latency over the share of answers on an axis that gives each further nine the same room; null without answers. */
export function latencyCurveChart(result: RunResult): Block | null {
  const isPlanned = latencyFrom(result) === 'planned';
  // Where no planned times are known, planned is sent, and one curve would be drawn twice under two names.
  const curves = (result.latencyCurves ?? []).filter(
    ({ points, from }) => points.length > 1 && (isPlanned || from === 'sent'),
  );
  const all = curves[0];
  if (all === undefined) {
    return null;
  }
  const reach = Math.max(...curves.map(({ points }) => 1 / (1 - (points.at(-1)?.ratio ?? 0))), 10);
  const highest = Math.max(...curves.map(({ points }) => points.at(-1)?.ms ?? 0));
  const canvas = xyCanvas(
    {
      from: 1,
      max: reach,
      ticks: axisTicks.filter((tick) => tick <= reach * 1.001),
      labelExpr: axisLabels,
      title: 'share of the answers that were no slower; each nine takes as much room as the one before',
      isLog: true,
    },
    scaleFor('duration', highest),
    170,
  );
  const drawn = curves.map((curve, index) => ({ curve, look: looks[index % looks.length] ?? looks[0] }));
  const layers = drawn.flatMap(({ curve, look }) => {
    const points = curve.points.map(({ ratio, ms }) => ({ x: 1 / (1 - ratio), y: ms }));
    const line = {
      stroke: look.color,
      strokeWidth: 1.6,
      ...(look.dash === null ? {} : { strokeDash: look.dash }),
    };
    return [
      xyLine(points, canvas, line),
      xyDots(points.slice(-1), canvas, { filled: true, size: 22, fill: look.color }),
    ];
  });
  const last = all.points.at(-1);
  return {
    type: 'chart',
    title: 'Latency by share of the answers',
    caption: `Of ${all.answers} answers the slowest took ${formatDuration(last?.ms ?? null)} ${isPlanned ? 'from its planned time' : 'from sending'}. A step upwards is a group of requests that waited together${isPlanned ? '; the room between planned time and sending is waiting in the client' : ''}.`,
    legend: drawn.map(({ curve, look }) => ({ label: nameOf(curve), color: look.color, dashed: look.dash !== null })),
    spec: xyChart(layers.toReversed(), canvas),
    table: table(curves),
    raw: rawOf(result, 'requests'),
  };
}
