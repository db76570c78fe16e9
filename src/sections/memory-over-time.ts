import { plainText } from '../base/escape-html.ts';
import { formatBytes, formatClock, formatShare } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { eventLane } from './drawing/event-lane.ts';
import { rawOf } from './drawing/frame.ts';
import { seriesOf } from './drawing/line-chart.ts';
import { holderNames, limitLayers, projectionLayers } from './drawing/memory-marks.ts';
import { memoryStack } from './drawing/memory-stack.ts';
import { scaleFor } from './drawing/scales.ts';
import { seriesTable } from './drawing/series-table.ts';
import { areaLayers } from './drawing/stacked-chart.ts';
import { canvas, highest, lineLayer, lonePoints, pointsOf, runEndMs, timeChart } from './drawing/time-chart.ts';
import { eachRun } from './wording/each-run.ts';
import { memoryReached, upperFirst } from './wording/sentences.ts';

const heightPx = 290;
/** Below this share of the limit its line would leave the curve flat, so it is told in words. */
const shareWorthDrawing = 0.2;

function caption(result: RunResult, isLimitDrawn: boolean): string {
  const { peakBytes, peakHolder, peakSource, limitBytes, limitSource } = result.memory;
  const reached = upperFirst(memoryReached(result));
  const held = peakBytes === null || peakHolder === null ? '' : ` At the peak most was held by ${peakHolder}.`;
  const read = peakSource === null ? '' : ` Peak read from: ${peakSource}.`;
  const share = peakBytes === null || limitBytes === null ? null : formatShare(peakBytes / limitBytes);
  const above =
    limitBytes === null
      ? ' No limit was found, so none is drawn.'
      : isLimitDrawn
        ? ''
        : ` The limit, ${formatBytes(limitBytes)} (${limitSource ?? 'unnamed'}), lies above this chart: the peak is ${share ?? 'n/a'} of it.`;
  const kill = result.events.find((event) => event.kind === 'oom_kill' && event.subject !== 'host');
  const killed = kill === undefined ? '' : ` OOM kill of ${kill.subject} at ${formatClock(kill.tMs)}.`;
  return `${reached}.${held}${read}${above}${killed}`;
}

function chart(result: RunResult): Block {
  const footprint = seriesOf(result, 'footprint');
  const rss = seriesOf(result, 'rss');
  const stack = memoryStack(result);
  const top = Math.max(
    result.memory.peakBytes ?? 0,
    footprint === null ? 0 : (highest(footprint) ?? 0),
    rss === null ? 0 : (highest(rss) ?? 0),
  );
  const { limitBytes } = result.memory;
  if (footprint === null && rss === null && stack.length === 0) {
    return { type: 'paragraph', text: 'Memory of the target was not observed, so there is nothing to draw.' };
  }
  const isLimitDrawn = limitBytes !== null && top >= limitBytes * shareWorthDrawing;
  const scale = scaleFor('bytes', isLimitDrawn ? Math.max(limitBytes * 1.12, top * 1.05) : top * 1.15);
  const drawing = canvas(result, scale, heightPx);
  const lane = eventLane(result, drawing);
  const rssMark = { stroke: 'var(--muted)', strokeWidth: 1.2, strokeDash: [5, 3] };
  const lines = [
    ...(rss === null ? [] : [lineLayer(pointsOf(rss), drawing, rssMark)]),
    ...(footprint === null
      ? []
      : [
          lineLayer(pointsOf(footprint), drawing, { stroke: 'var(--ink)', strokeWidth: 1.3, strokeJoin: 'round' }),
          ...lonePoints(pointsOf(footprint), drawing, 'var(--ink)'),
        ]),
  ];
  const columns = [
    ...(footprint === null ? [] : [{ label: 'footprint', series: footprint, quantity: 'bytes' as const }]),
    ...(rss === null ? [] : [{ label: 'RSS', series: rss, quantity: 'bytes' as const }]),
    ...stack.map(({ holder, series }) => ({ label: plainText(holder, 40), series, quantity: 'bytes' as const })),
  ];
  return {
    type: 'chart',
    title: 'Footprint by holder',
    caption: caption(result, isLimitDrawn),
    legend: [
      ...stack.map(({ holder, color }) => ({ label: plainText(holder, 40), color, dashed: false })),
      ...(footprint === null ? [] : [{ label: 'footprint', color: 'var(--ink)', dashed: false }]),
      ...(rss === null ? [] : [{ label: 'RSS, shared pages counted again', color: 'var(--muted)', dashed: true }]),
    ],
    spec: timeChart(
      result,
      drawing,
      [
        ...areaLayers(stack, drawing),
        ...lines,
        ...holderNames(stack, drawing, scale.max),
        ...(isLimitDrawn ? [...limitLayers(result, drawing), ...projectionLayers(result, drawing)] : []),
        ...lane.layers,
      ],
      { named: true, abovePx: lane.abovePx },
    ),
    table: seriesTable('Memory', runEndMs(result), columns),
    raw: rawOf(result, 'samples', 'events'),
  };
}

function events(result: RunResult): readonly Block[] {
  const shown = result.events.filter((event) => !/^(run|stage)_(start|end)$/.test(event.kind)).slice(0, 200);
  return shown.length === 0
    ? []
    : [
        {
          type: 'table',
          isFolded: true,
          caption: `Events of the run${shown.length === 200 ? ', the first 200' : ''}`,
          headings: ['at', 'event', 'who', 'detail'],
          rows: shown.map((event) => [
            formatClock(event.tMs),
            event.kind.replaceAll('_', ' '),
            plainText(event.subject, 80),
            plainText(event.detail, 300),
          ]),
        },
      ];
}

export const memoryOverTime: ReportSection = {
  id: 'memory-over-time',
  title: 'Memory against its limit',
  render: (results) => eachRun(results, (result) => [chart(result), ...events(result)]),
};
