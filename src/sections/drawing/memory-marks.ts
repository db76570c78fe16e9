import { plainText } from '../../base/escape-html.ts';
import { formatBytes, formatDuration, formatShare } from '../../base/units.ts';
import type { RunResult } from '../../model/result.ts';
import { type Layer, plotWidthPx } from './frame.ts';
import type { StackLayer } from './memory-stack.ts';
import { type Canvas, labelLayers, runEndMs } from './time-chart.ts';

const nameHeightPx = 17;

/** Horizontal line with its name above its left end. */
function levelLayers(
  drawing: Canvas,
  at: number,
  text: string,
  mark: { color: string; dash: readonly number[] },
): readonly Layer[] {
  const ends = [
    { t: 0, v: at },
    { t: drawing.endS, v: at },
  ];
  const line = { type: 'line', aria: false, clip: true, stroke: mark.color, strokeWidth: 1.5, strokeDash: mark.dash };
  return [
    { data: { values: ends }, mark: line, encoding: { x: drawing.x, y: drawing.y } },
    ...labelLayers([{ t: 0, v: at, text }], drawing, { fill: mark.color, align: 'left', dx: 6, dy: -9 }),
  ];
}

/** The limit by its place, and the guard below it. */
export function limitLayers(result: RunResult, drawing: Canvas): readonly Layer[] {
  const { limitBytes, limitSource } = result.memory;
  if (limitBytes === null) {
    return [];
  }
  const place = limitSource === null ? '' : ` · ${plainText(limitSource, 70)}`;
  const guardRatio = result.guardRatio ?? null;
  const guard =
    guardRatio === null
      ? []
      : levelLayers(drawing, limitBytes * guardRatio, `guard ${formatShare(guardRatio)}`, {
          color: 'var(--warn)',
          dash: [2, 4],
        });
  const limit = levelLayers(drawing, limitBytes, `limit ${formatBytes(limitBytes)}${place}`, {
    color: 'var(--fail)',
    dash: [7, 4],
  });
  return [...guard, ...limit];
}

/** Where memory would have gone on, from the point at which it was left. */
export function projectionLayers(result: RunResult, drawing: Canvas): readonly Layer[] {
  const { prediction } = result;
  const { limitBytes } = result.memory;
  const limitS = prediction?.predictedAtMs == null ? null : prediction.predictedAtMs / 1000;
  if (prediction === null || limitS === null || limitBytes === null || prediction.slopeBytesPerS <= 0) {
    return [];
  }
  const fromS = Math.min(result.guard?.stoppedAtMs ?? runEndMs(result), prediction.predictedAtMs ?? 0) / 1000;
  const toS = Math.min(limitS, drawing.endS);
  const at = (t: number): number => limitBytes - prediction.slopeBytesPerS * (limitS - t);
  if (toS - fromS < drawing.endS / plotWidthPx || at(fromS) <= 0) {
    return [];
  }
  const values = [
    { t: fromS, v: at(fromS) },
    { t: toS, v: at(toS) },
  ];
  const line = { type: 'line', aria: false, clip: true, stroke: 'var(--ink)', strokeWidth: 1.6, strokeDash: [3, 3] };
  const text = `at this rate: limit in ${formatDuration((limitS - fromS) * 1000)}`;
  const isRight = toS > drawing.endS * 0.6;
  return [
    { data: { values }, mark: line, encoding: { x: drawing.x, y: drawing.y } },
    ...labelLayers([{ t: isRight ? fromS : toS, v: (at(fromS) + at(toS)) / 2, text }], drawing, {
      fill: 'var(--ink)',
      fontWeight: 600,
      align: isRight ? 'right' : 'left',
      dx: isRight ? -8 : 8,
    }),
  ];
}

/** Where an area is tall enough for a name over its whole width, or null. */
function placeForName(layer: StackLayer, reachS: number, leastBytes: number): { t: number; v: number } | null {
  let best: { t: number; v: number; height: number } | null = null;
  // Every tenth point is near enough to find the widest place.
  for (const centre of layer.points.filter((_, index) => index % 10 === 5)) {
    const under = layer.points.filter((point) => Math.abs(point.t - centre.t) <= reachS);
    const isWhole =
      (under[0]?.t ?? centre.t) < centre.t - reachS * 0.8 && (under.at(-1)?.t ?? centre.t) > centre.t + reachS * 0.8;
    const top = Math.min(...under.map((point) => point.v ?? 0));
    const bottom = Math.max(...under.map((point) => point.low ?? Number.POSITIVE_INFINITY));
    if (isWhole && top - bottom > (best?.height ?? leastBytes)) {
      best = { t: centre.t, v: (top + bottom) / 2, height: top - bottom };
    }
  }
  return best;
}

/** A holder's name inside its area where there is room; the legend names all. */
export function holderNames(stack: readonly StackLayer[], drawing: Canvas, yMax: number): readonly Layer[] {
  const leastBytes = (nameHeightPx / drawing.heightPx) * yMax;
  return stack.flatMap((layer) => {
    const text = plainText(layer.holder, 30);
    const place = placeForName(layer, ((text.length * 3.4 + 8) / plotWidthPx) * drawing.endS, leastBytes);
    return place === null ? [] : labelLayers([{ ...place, text }], drawing, { fill: 'var(--ink)', align: 'center' });
  });
}
