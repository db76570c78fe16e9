import type { ResultSeries, RunResult } from '../../model/result.ts';
import { plotWidthPx } from './frame.ts';
import { highest } from './time-chart.ts';

export interface StackLayer {
  holder: string;
  color: string;
  series: ResultSeries;
  /** `v` null: a gap of the whole footprint. */
  points: readonly { t: number; v: number | null; low: number | null }[];
}

const colors = ['var(--l1)', 'var(--l2)', 'var(--l3)', 'var(--l4)'];
const restColor = 'var(--l5)';
const maxGridTimes = plotWidthPx;

/** Between two readings a line; outside of them and beside a gap nothing. */
function valueAt(series: ResultSeries, tMs: number, from: number): { value: number | null; index: number } {
  let index = from;
  while (index + 1 < series.tMs.length && (series.tMs[index + 1] ?? 0) <= tMs) {
    index += 1;
  }
  const t0 = series.tMs[index];
  const v0 = series.values[index] ?? null;
  if (t0 === undefined || v0 === null || t0 > tMs) {
    return { value: null, index };
  }
  const t1 = series.tMs[index + 1];
  const v1 = series.values[index + 1] ?? null;
  if (t0 === tMs || t1 === undefined || v1 === null) {
    return { value: t0 === tMs ? v0 : null, index };
  }
  return { value: v0 + ((v1 - v0) * (tMs - t0)) / (t1 - t0), index };
}

function resample(series: ResultSeries, gridMs: readonly number[]): readonly (number | null)[] {
  let from = 0;
  return gridMs.map((tMs) => {
    const { value, index } = valueAt(series, tMs, from);
    from = index;
    return value;
  });
}

/** Times that any series knows, thinned evenly: the exact peak is the footprint's own line, drawn above. */
function timeGrid(all: readonly ResultSeries[]): readonly number[] {
  const times = [...new Set(all.flatMap((series) => series.tMs))].sort((a, b) => a - b);
  const stride = Math.ceil(times.length / maxGridTimes);
  return times.filter((_, index) => index % stride === 0 || index === times.length - 1);
}

function sumOf(rows: readonly (readonly (number | null)[])[], count: number): readonly (number | null)[] {
  return Array.from({ length: count }, (_, index) =>
    rows.reduce<number | null>((sum, row) => {
      const value = row[index] ?? null;
      return value === null ? sum : (sum ?? 0) + value;
    }, null),
  );
}

interface Held {
  holder: string;
  series: ResultSeries;
}

/** Holders as areas one upon the other, the largest first; beyond four they are one area. */
export function memoryStack(result: RunResult): readonly StackLayer[] {
  const holders = Object.entries(result.series)
    .flatMap(([name, series]) => {
      const top = name.startsWith('holder:') ? highest(series) : null;
      return top === null || top === 0 ? [] : [{ holder: name.slice('holder:'.length), series, top }];
    })
    .sort((a, b) => b.top - a.top || (a.holder < b.holder ? -1 : 1));
  if (holders.length <= colors.length + 1) {
    return stacked(holders.map((held, layer) => ({ ...held, color: colors[layer] ?? restColor })));
  }
  const rest = holders.slice(colors.length);
  const gridMs = timeGrid(holders.map(({ series }) => series));
  const values = sumOf(
    rest.map(({ series }) => resample(series, gridMs)),
    gridMs.length,
  );
  return stacked([
    ...holders.slice(0, colors.length).map((held, layer) => ({ ...held, color: colors[layer] ?? restColor })),
    { holder: `${rest.length} others`, series: { tMs: gridMs, values }, color: restColor },
  ]);
}

/** Areas one upon the other in the order given, on the times of all of them. */
export function stacked(all: readonly (Held & { color: string })[]): readonly StackLayer[] {
  const gridMs = timeGrid(all.map(({ series }) => series));
  const rows = all.map(({ series }) => resample(series, gridMs));
  const total = sumOf(rows, gridMs.length);
  const heights = gridMs.map(() => 0);
  return all.map(({ holder, series, color }, layer) => ({
    holder,
    series,
    color,
    points: gridMs.map((tMs, index) => {
      const low = heights[index] ?? 0;
      // A holder that is not there beside one that is adds nothing; where none is, the stack has a gap.
      const high = low + (rows[layer]?.[index] ?? 0);
      heights[index] = high;
      const isGap = (total[index] ?? null) === null;
      return { t: Math.round(tMs) / 1000, v: isGap ? null : rounded(high), low: isGap ? null : rounded(low) };
    }),
  }));
}

/** Whole bytes; rates keep two decimals. */
function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Math.round(value * 100) / 100;
}
