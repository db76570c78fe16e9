import type { RunResult } from '../../model/result.ts';
import type { Block } from '../../model/section.ts';
import { type Layer, rawOf } from './frame.ts';
import { holderNames } from './memory-marks.ts';
import type { StackLayer } from './memory-stack.ts';
import { type Quantity, scaleFor } from './scales.ts';
import { seriesTable } from './series-table.ts';
import { type Canvas, canvas, runEndMs, timeChart } from './time-chart.ts';

export function areaLayers(stack: readonly StackLayer[], drawing: Canvas, look: Layer = {}): readonly Layer[] {
  return stack.map((layer) => ({
    data: { values: layer.points },
    mark: { type: 'area', aria: false, clip: true, fill: layer.color, line: false, opacity: 1, ...look },
    encoding: { x: drawing.x, y: drawing.y, y2: { field: 'low' } },
  }));
}

/** Areas one upon the other over the page's axis of time; null without any. */
export function stackedChart(
  result: RunResult,
  stack: readonly StackLayer[],
  chart: {
    title: string;
    caption: string;
    quantity: Quantity;
    heightPx: number;
    interpolate?: 'linear' | 'step';
    raw: 'samples' | 'requests';
  },
): Block | null {
  const highest = stack.at(-1)?.points.reduce((top, { v }) => Math.max(top, v ?? 0), 0);
  if (highest === undefined) {
    return null;
  }
  const scale = scaleFor(chart.quantity, highest);
  const drawing = canvas(result, scale, chart.heightPx);
  return {
    type: 'chart',
    title: chart.title,
    caption: chart.caption,
    legend: stack.map(({ holder, color }) => ({ label: holder, color, dashed: false })),
    spec: timeChart(result, drawing, [
      ...areaLayers(stack, drawing, { interpolate: chart.interpolate ?? 'linear' }),
      ...holderNames(stack, drawing, scale.max),
    ]),
    table: seriesTable(
      chart.title,
      runEndMs(result),
      stack.map(({ holder, series }) => ({ label: holder, series, quantity: chart.quantity })),
    ),
    raw: rawOf(result, chart.raw),
  };
}
