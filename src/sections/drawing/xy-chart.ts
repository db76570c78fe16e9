import { framed, haloed, type Layer } from './frame.ts';
import type { Scale } from './scales.ts';

export interface XyPoint {
  x: number;
  y: number;
}

export interface XyCanvas {
  x: Layer;
  y: Layer;
  heightPx: number;
}

/** Axes of a chart that is not over time: `from` is where x begins, and a logarithmic axis begins above 0. */
export function xyCanvas(
  x: Scale & { from: number; title: string; isLog: boolean },
  y: Scale,
  heightPx: number,
): XyCanvas {
  return {
    heightPx,
    x: {
      field: 'x',
      type: 'quantitative',
      scale: { domain: [x.from, x.max], nice: false, ...(x.isLog ? { type: 'log' } : { zero: false }) },
      axis: { values: x.ticks, labelExpr: x.labelExpr, grid: false, title: x.title, titlePadding: 8, aria: false },
    },
    y: {
      field: 'y',
      type: 'quantitative',
      scale: { domain: [0, y.max], nice: false, zero: true },
      axis: { values: y.ticks, labelExpr: y.labelExpr, title: null, aria: false },
    },
  };
}

export function xyChart(layers: readonly Layer[], { heightPx }: XyCanvas): object {
  return framed(layers, { heightPx, topPx: 14, hasTitle: true });
}

export function xyLine(points: readonly XyPoint[], { x, y }: XyCanvas, mark: Layer): Layer {
  return { data: { values: points }, mark: { type: 'line', aria: false, clip: true, ...mark }, encoding: { x, y } };
}

export function xyDots(points: readonly XyPoint[], { x, y }: XyCanvas, mark: Layer): Layer {
  return { data: { values: points }, mark: { type: 'point', aria: false, opacity: 1, ...mark }, encoding: { x, y } };
}

/** Between a lower and an upper line. */
export function xyBand(points: readonly (XyPoint & { low: number })[], { x, y }: XyCanvas, fill: string): Layer {
  return {
    data: { values: points },
    mark: { type: 'area', aria: false, clip: true, fill, opacity: 1, line: false },
    encoding: { x, y, y2: { field: 'low' } },
  };
}

export function xyLabels(
  values: readonly (XyPoint & { text: string })[],
  { x, y }: XyCanvas,
  mark: Layer & { fill: string },
): readonly Layer[] {
  return haloed({ data: { values }, encoding: { x, y, text: { field: 'text' } } }, mark);
}

/** A level over the whole width, with its name above the left end, or below where another level lies close above. */
export function xyLevel(
  level: { from: number; to: number; y: number; text: string },
  canvas: XyCanvas,
  look: { color: string; dash: readonly number[]; isNameBelow?: boolean },
): readonly Layer[] {
  const ends = [
    { x: level.from, y: level.y },
    { x: level.to, y: level.y },
  ];
  return [
    xyLine(ends, canvas, { stroke: look.color, strokeWidth: 1.5, strokeDash: look.dash }),
    ...xyLabels([{ x: level.from, y: level.y, text: level.text }], canvas, {
      fill: look.color,
      align: 'left',
      dx: 6,
      dy: look.isNameBelow === true ? 10 : -9,
    }),
  ];
}
