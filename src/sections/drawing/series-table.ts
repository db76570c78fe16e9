import { formatBytes, formatDuration, formatRate, formatShare } from '../../base/units.ts';
import type { ResultSeries } from '../../model/result.ts';
import type { TableBlock } from '../../model/section.ts';
import type { Quantity } from './scales.ts';

const maxRows = 60;
const niceSlicesMs = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map((seconds) => seconds * 1000);

/** A value as text; a gap is an en dash, never 0. */
export function formatQuantity(quantity: Quantity, value: number | null): string {
  if (value === null) {
    return '–';
  }
  switch (quantity) {
    case 'bytes':
      return formatBytes(value);
    case 'duration':
      return formatDuration(value);
    case 'rate':
      return formatRate(value);
    case 'share':
      return formatShare(value);
    case 'count':
      return Number.isInteger(value) ? value.toString() : value.toFixed(1);
  }
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The data of a chart in at most 60 slices of time; each holds its highest value, so that no peak is lost. */
export function seriesTable(
  subject: string,
  endMs: number,
  columns: readonly { label: string; series: ResultSeries; quantity: Quantity }[],
): TableBlock {
  const sliceMs = niceSlicesMs.find((slice) => endMs / slice <= maxRows) ?? Math.ceil(endMs / maxRows / 3.6e6) * 3.6e6;
  const slices = Math.max(1, Math.ceil(endMs / sliceMs));
  const cells = columns.map(({ series }) => {
    const tops: (number | null)[] = Array.from({ length: slices }, () => null);
    series.tMs.forEach((tMs, index) => {
      const slice = Math.min(slices - 1, Math.max(0, Math.floor(tMs / sliceMs)));
      const value = series.values[index] ?? null;
      const top = tops[slice] ?? null;
      if (value !== null && (top === null || value > top)) {
        tops[slice] = value;
      }
    });
    return tops;
  });
  return {
    type: 'table',
    caption: `${subject}: highest value in each slice of ${sliceMs / 1000} s; – is a gap`,
    headings: ['from', ...columns.map((column) => column.label)],
    rows: Array.from({ length: slices }, (_, slice) => [
      clock(slice * sliceMs),
      ...columns.map((column, index) => formatQuantity(column.quantity, cells[index]?.[slice] ?? null)),
    ]),
  };
}
