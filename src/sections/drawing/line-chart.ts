import type { ResultSeries, RunResult } from '../../model/result.ts';
import type { Block } from '../../model/section.ts';
import { type Layer, rawOf } from './frame.ts';
import { type Quantity, scaleFor } from './scales.ts';
import { seriesTable } from './series-table.ts';
import { canvas, highest, lineLayer, lonePoints, pointsOf, runEndMs, timeChart } from './time-chart.ts';

export interface Line {
  /** Name of the series in the result. */
  name: string;
  label: string;
  color: string;
  dash: readonly number[] | null;
}

/** A series of the result that holds at least one value, or null. */
export function seriesOf(result: RunResult, name: string): ResultSeries | null {
  const series = result.series[name];
  return series === undefined || highest(series) === null ? null : series;
}

/** Lines over the page's axis of time; null if the run has none of these series. */
export function lineChart(
  result: RunResult,
  chart: {
    title: string;
    caption: string;
    quantity: Quantity;
    heightPx: number;
    lines: readonly Line[];
    interpolate?: 'linear' | 'step-after';
    /** Beginning of the name of the file that holds the raw data. */
    raw?: 'samples' | 'requests';
  },
): Block | null {
  const drawn = chart.lines.flatMap((line) => {
    const series = seriesOf(result, line.name);
    return series === null ? [] : [{ ...line, series }];
  });
  if (drawn.length === 0) {
    return null;
  }
  const scale = scaleFor(chart.quantity, Math.max(...drawn.map((line) => highest(line.series) ?? 0)));
  const drawing = canvas(result, scale, chart.heightPx);
  const layers = drawn.flatMap((line): readonly Layer[] => {
    const points = pointsOf(line.series);
    const mark = {
      stroke: line.color,
      strokeWidth: 1.6,
      strokeJoin: 'round',
      interpolate: chart.interpolate ?? 'linear',
      ...(line.dash === null ? {} : { strokeDash: line.dash }),
    };
    return [lineLayer(points, drawing, mark), ...lonePoints(points, drawing, line.color)];
  });
  return {
    type: 'chart',
    title: chart.title,
    caption: chart.caption,
    legend: drawn.map(({ label, color, dash }) => ({ label, color, dashed: dash !== null })),
    spec: timeChart(result, drawing, layers.toReversed()),
    table: seriesTable(
      chart.title,
      runEndMs(result),
      drawn.map(({ label, series }) => ({ label, series, quantity: chart.quantity })),
    ),
    raw: rawOf(result, chart.raw ?? 'samples'),
  };
}
