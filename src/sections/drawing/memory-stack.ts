import type { ResultSeries, RunResult } from '../../model/result.ts';
import { highest, plotWidthPx } from './time-chart.ts';

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

/** Holders as areas one upon the other, the largest first; beyond four they are one area. */
export function memoryStack(result: RunResult): readonly StackLayer[] {
  const holders = Object.entries(result.series)
    .flatMap(([name, series]) => {
      const top = name.startsWith('holder:') ? highest(series) : null;
      return top === null || top === 0 ? [] : [{ holder: name.slice('holder:'.length), series, top }];
    })
    .sort((a, b) => b.top - a.top || (a.holder < b.holder ? -1 : 1));
  const gridMs = timeGrid(holders.map(({ series }) => series));
  const rows = holders.map(({ series }) => resample(series, gridMs));
  const total = sumOf(rows, gridMs.length);
  const isFolded = holders.length > colors.length + 1;
  const shown = isFolded ? holders.slice(0, colors.length) : holders;
  const stacked = shown.map(({ holder, series }, index) => ({ holder, series, row: rows[index] ?? [] }));
  if (isFolded) {
    const values = sumOf(rows.slice(colors.length), gridMs.length);
    const holder = `${holders.length - colors.length} others`;
    stacked.push({ holder, series: { tMs: gridMs, values }, row: values });
  }
  const heights = gridMs.map(() => 0);
  return stacked.map(({ holder, series, row }, layer) => ({
    holder,
    series,
    color: colors[layer] ?? restColor,
    points: gridMs.map((tMs, index) => {
      const low = heights[index] ?? 0;
      // A holder that is not there beside one that is adds nothing; where none is, the stack has a gap.
      const high = low + (row[index] ?? 0);
      heights[index] = high;
      const isGap = (total[index] ?? null) === null;
      return { t: Math.round(tMs) / 1000, v: isGap ? null : Math.round(high), low: isGap ? null : Math.round(low) };
    }),
  }));
}
