import { plainText } from '../../base/escape-html.ts';
import type { ResultSeries, RunResult } from '../../model/result.ts';
import { zoomParameters } from '../../model/section.ts';
import { framed, haloed, type Layer, plotWidthPx } from './frame.ts';
import { type Scale, timeAxis } from './scales.ts';

export interface Point {
  t: number;
  v: number | null;
}

export const characterPx = 6.4;
const topPx = 8;
/** Room for three rows of names. */
const topWithStagesPx = 46;
const stepName = 'xStep';
const { from, to } = zoomParameters;
const time = timeAxis({ from, to, step: stepName });
/** What lies outside of the time that is shown. */
export const inView: Layer = { filter: `datum.t >= ${from} && datum.t <= ${to}` };

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
  return {
    endS,
    heightPx,
    x: {
      field: 't',
      type: 'quantitative',
      scale: { domain: [{ expr: from }, { expr: to }], nice: false, zero: false },
      axis: {
        values: { expr: time.valuesExpr },
        labelExpr: time.labelExpr,
        grid: false,
        labelFlush: true,
        title: null,
        aria: false,
      },
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
    mark: { type: 'rect', aria: false, clip: true },
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
function stageNames(result: RunResult, { x, endS }: Canvas, abovePx: number): Layer {
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
    return [{ t: (centrePx / plotWidthPx) * endS, text, y: -7 - abovePx - row * 15 }];
  });
  return {
    data: { values },
    transform: [inView],
    mark: { type: 'text', aria: false, align: 'center', baseline: 'alphabetic', fontSize: 11.5, fill: 'var(--muted)' },
    encoding: { x, y: { field: 'y', type: 'quantitative', scale: null, axis: null }, text: { field: 'text' } },
  };
}

/** A whole spec: bands behind, layers before them. `abovePx` is room between the plot and the names of stages. */
export function timeChart(
  result: RunResult,
  drawing: Canvas,
  layers: readonly Layer[],
  stages: { named: boolean; abovePx: number } = { named: false, abovePx: 0 },
): object {
  const names = stages.named ? [stageNames(result, drawing, stages.abovePx)] : [];
  return framed([stageBands(result, drawing), ...layers, ...names], {
    heightPx: drawing.heightPx,
    topPx: (stages.named ? topWithStagesPx : topPx) + stages.abovePx,
    params: [
      { name: from, value: 0 },
      { name: to, value: drawing.endS },
      { name: stepName, expr: time.stepExpr },
    ],
  });
}

export function lineLayer(points: readonly Point[], { x, y }: Canvas, mark: Layer): Layer {
  return { data: { values: points }, mark: { type: 'line', aria: false, clip: true, ...mark }, encoding: { x, y } };
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
          mark: { type: 'point', aria: false, clip: true, filled: true, size: 16, opacity: 1, fill },
          encoding: { x, y },
        },
      ];
}

/** Texts of the plot; those of times that are not shown are left out. */
export function labelLayers(
  values: readonly { t: number; v: number; text: string }[],
  { x, y }: Canvas,
  mark: Layer & { fill: string },
): readonly Layer[] {
  return haloed({ data: { values }, transform: [inView], encoding: { x, y, text: { field: 'text' } } }, mark);
}
