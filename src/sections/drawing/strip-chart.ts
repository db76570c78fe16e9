import { framed } from './frame.ts';
import type { Scale } from './scales.ts';

const rowPx = 34;

/** Every value of each row as a dot on one axis, with the row's middle as an upright line. */
export function stripChart(
  rows: readonly { name: string; values: readonly number[]; middle: number | null; color: string }[],
  scale: Scale,
): object {
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [0, scale.max], nice: false, zero: true },
    axis: { values: scale.ticks, labelExpr: scale.labelExpr, grid: true, title: null, aria: false },
  };
  const at = (row: number): number => rowPx * (row + 0.5);
  const fill = { field: 'fill', type: 'nominal', scale: null, legend: null };
  const y = { field: 'y', type: 'quantitative', scale: null, axis: null };
  const middles = rows.flatMap(({ middle, color }, row) =>
    middle === null ? [] : [{ x: middle, y: at(row) - 12, y2: at(row) + 12, fill: color }],
  );
  const dots = rows.flatMap(({ values, color }, row) => values.map((value) => ({ x: value, y: at(row), fill: color })));
  return framed(
    [
      {
        data: { values: middles },
        mark: { type: 'rule', aria: false, strokeWidth: 2 },
        encoding: { x, y, y2: { field: 'y2' }, stroke: fill },
      },
      {
        data: { values: dots },
        mark: {
          type: 'point',
          aria: false,
          filled: true,
          size: 60,
          opacity: 0.75,
          stroke: 'var(--page)',
          strokeWidth: 1,
        },
        encoding: { x, y, fill },
      },
      {
        data: { values: rows.map(({ name }, row) => ({ y: at(row) - 6, text: name })) },
        mark: { type: 'text', aria: false, align: 'left', fontSize: 11.5, fill: 'var(--muted)', dx: 4 },
        encoding: { x: { value: 0 }, y, text: { field: 'text' } },
      },
    ],
    { heightPx: rowPx * rows.length, topPx: 6 },
  );
}
