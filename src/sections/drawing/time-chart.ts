import { plainText } from '../../base/escape-html.ts';
import type { ResultSeries, RunResult } from '../../model/result.ts';
import { type Scale, timeScale } from './scales.ts';

export type Layer = Readonly<Record<string, unknown>>;

export interface Point {
  t: number;
  v: number | null;
}

/** Inner width of every chart of a page, so that all share one axis of time. */
export const plotWidthPx = 960;
const characterPx = 6.4;
const padding = { left: 66, right: 14, top: 8, bottom: 26 };
const topWithStagesPx = 40;

/** Room to the right is made for a projection only if the limit is near enough to leave the run readable. */
export function runEndMs(result: RunResult): number {
  const lastMs = [
    ...result.stages.map((stage) => stage.endMs),
    ...result.events.map((event) => event.tMs),
    ...Object.values(result.series).map((series) => series.tMs.at(-1) ?? 0),
  ].reduce((latest, tMs) => Math.max(latest, tMs), 1000);
  const predictedMs = result.prediction?.predictedAtMs ?? null;
  return predictedMs !== null && predictedMs > lastMs && predictedMs <= lastMs * 1.3 ? predictedMs : lastMs;
}

export function pointsOf(series: ResultSeries): readonly Point[] {
  return series.tMs.map((tMs, index) => ({ t: Math.round(tMs) / 1000, v: series.values[index] ?? null }));
}

/** Highest value of a series, or null if it holds none. */
export function highest(series: ResultSeries): number | null {
  let top: number | null = null;
  for (const value of series.values) {
    if (value !== null && (top === null || value > top)) {
      top = value;
    }
  }
  return top;
}

export interface Canvas {
  x: Layer;
  y: Layer;
  endS: number;
  heightPx: number;
}

export function canvas(result: RunResult, scale: Scale, heightPx: number): Canvas {
  const endS = runEndMs(result) / 1000;
  const time = timeScale(endS);
  return {
    endS,
    heightPx,
    x: {
      field: 't',
      type: 'quantitative',
      scale: { domain: [0, endS], nice: false, zero: false },
      axis: { values: time.ticks, labelExpr: time.labelExpr, grid: false, labelFlush: true, title: null, aria: false },
    },
    y: {
      field: 'v',
      type: 'quantitative',
      scale: { domain: [0, scale.max], nice: false, zero: true },
      axis: { values: scale.ticks, labelExpr: scale.labelExpr, title: null, aria: false },
    },
  };
}

const bandFills: Readonly<Record<string, string>> = {
  warmup: 'var(--band-light)',
  canary: 'var(--band-light)',
  load: 'var(--band-load)',
};

function stageBands(result: RunResult, { x, heightPx }: Canvas): Layer {
  const values = result.stages
    .filter((stage) => bandFills[stage.kind] !== undefined)
    .map((stage) => ({ t: stage.startMs / 1000, t2: stage.endMs / 1000, fill: bandFills[stage.kind] }));
  return {
    data: { values },
    mark: { type: 'rect', aria: false },
    encoding: {
      x,
      x2: { field: 't2' },
      y: { value: 0 },
      y2: { value: heightPx },
      fill: { field: 'fill', type: 'nominal', scale: null, legend: null },
    },
  };
}

/** Names above the bands, in up to three rows; a name that fits nowhere is left to the table of stages. */
function stageNames(result: RunResult, { x, endS }: Canvas): Layer {
  const rowEndsPx = [-Infinity, -Infinity, -Infinity];
  const values = result.stages.flatMap((stage) => {
    const middleS = (stage.startMs + stage.endMs) / 2000;
    const text = plainText(stage.name, 24);
    const halfPx = (text.length * characterPx) / 2;
    const centrePx = Math.min(Math.max((middleS / endS) * plotWidthPx, halfPx), plotWidthPx - halfPx);
    const row = rowEndsPx.findIndex((endPx) => endPx + 8 < centrePx - halfPx);
    if (row === -1) {
      return [];
    }
    rowEndsPx[row] = centrePx + halfPx;
    return [{ t: (centrePx / plotWidthPx) * endS, text, y: -7 - row * 13 }];
  });
  return {
    data: { values },
    mark: { type: 'text', aria: false, align: 'center', baseline: 'alphabetic', fontSize: 11.5, fill: 'var(--muted)' },
    encoding: { x, y: { field: 'y', type: 'quantitative', scale: null, axis: null }, text: { field: 'text' } },
  };
}

/** A whole spec: bands behind, layers before them. Fixed padding keeps the plots of a page in one column. */
export function timeChart(
  result: RunResult,
  drawing: Canvas,
  layers: readonly Layer[],
  stages: 'named' | 'unnamed',
): object {
  const names = stages === 'named' ? [stageNames(result, drawing)] : [];
  return {
    width: plotWidthPx,
    height: drawing.heightPx,
    padding: { ...padding, top: stages === 'named' ? topWithStagesPx : padding.top },
    autosize: { type: 'none' },
    background: 'transparent',
    data: { values: [] },
    layer: [stageBands(result, drawing), ...layers, ...names],
    config: {
      font: 'system-ui, sans-serif',
      view: { stroke: null },
      axis: {
        domain: false,
        ticks: false,
        labelFontSize: 11.5,
        labelColor: 'var(--muted)',
        labelPadding: 6,
        gridColor: 'var(--line)',
        gridOpacity: 1,
      },
    },
  };
}

export function lineLayer(points: readonly Point[], { x, y }: Canvas, mark: Layer): Layer {
  return { data: { values: points }, mark: { type: 'line', aria: false, ...mark }, encoding: { x, y } };
}

/** A value between two gaps has no line: it gets a dot. */
export function lonePoints(points: readonly Point[], { x, y }: Canvas, fill: string): readonly Layer[] {
  const values = points.filter(
    (point, index) =>
      point.v !== null && (points[index - 1]?.v ?? null) === null && (points[index + 1]?.v ?? null) === null,
  );
  return values.length === 0
    ? []
    : [
        {
          data: { values },
          mark: { type: 'point', aria: false, filled: true, size: 16, opacity: 1, fill },
          encoding: { x, y },
        },
      ];
}

/** Text with a halo in the page's colour, so that it can be read on any area. */
export function labelLayers(
  values: readonly { t: number; v: number; text: string }[],
  { x, y }: Canvas,
  mark: Layer & { fill: string },
): readonly Layer[] {
  const encoding = { x, y, text: { field: 'text' } };
  const text = { type: 'text', aria: false, fontSize: 12, ...mark };
  return [
    { data: { values }, mark: { ...text, stroke: 'var(--page)', strokeWidth: 3.5, strokeJoin: 'round' }, encoding },
    { data: { values }, mark: text, encoding },
  ];
}
