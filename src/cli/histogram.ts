export interface Histogram {
  /** One more than counts, rising; empty if there are no values. Bin i holds [edges[i], edges[i + 1]), the last its end too. */
  edges: number[];
  counts: number[];
}

/** One distribution drawn beside others over the same edges. */
export interface HistogramColumn {
  name: string;
  counts: readonly number[];
}

const usualBins = 12;
/** From here on bins of equal width would put nearly everything into the first one. */
const wideRatio = 20;
const lineWidth = 80;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** To so many significant digits, so that edges read well. */
function roundTo(value: number, digits: number, round: (value: number) => number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) + 1 - digits);
  // Dividing by a whole number keeps 0.3 from becoming 0.30000000000000004.
  return unit < 1 ? round(value * (1 / unit)) / Math.round(1 / unit) : round(value / unit) * unit;
}

function logEdges(least: number, most: number, bins: number): number[] {
  const ratio = most / least;
  // Two digits read best, but would make narrow bins unequal.
  const digits = ratio ** (1 / bins) < 1.25 ? 3 : 2;
  const inner = Array.from({ length: bins - 1 }, (_, index) =>
    roundTo(least * ratio ** ((index + 1) / bins), digits, Math.round),
  );
  return [roundTo(least, digits, Math.floor), ...inner, roundTo(most, digits, Math.ceil)];
}

function linearEdges(least: number, most: number, bins: number): number[] {
  const rough = (most - least) / bins;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 2.5, 5].find((factor) => factor * unit >= rough * 0.999) ?? 10);
  const first = Math.floor(least / step);
  const last = Math.max(first + 1, Math.ceil(most / step));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function edgesFor(values: readonly number[], bins: number, log: boolean | undefined): number[] {
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  if (least === most) {
    return [least, most];
  }
  const isLog = least > 0 && (log ?? most / least >= wideRatio);
  const edges = isLog ? logEdges(least, most, bins) : linearEdges(least, most, bins);
  const rising = edges.filter((edge, index) => index === 0 || edge > (edges[index - 1] ?? edge));
  // A range too small for a number's digits has no steps.
  return rising.length > 1 && rising.every((edge) => Number.isFinite(edge)) ? rising : [least, most];
}

/**
 * Counts finite values in bins. `log` is chosen by the range if not given; given `edges` are taken as they are, and
 * a value outside of them counts in the nearest bin, so that the counts always add up to the values.
 */
export function histogram(
  values: readonly number[],
  options: { bins?: number; log?: boolean; edges?: readonly number[] } = {},
): Histogram {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0 && options.edges === undefined) {
    return { edges: [], counts: [] };
  }
  const edges = [...(options.edges ?? edgesFor(known, Math.max(1, options.bins ?? usualBins), options.log))];
  const counts = new Array<number>(Math.max(0, edges.length - 1)).fill(0);
  for (const value of known) {
    const above = edges.findIndex((edge) => value < edge);
    const bin = above < 0 ? counts.length - 1 : Math.max(0, above - 1);
    if (bin >= 0) {
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { edges, counts };
}

/** A bar of `ratio` of `width` cells; whatever is not nothing shows. */
function bar(ratio: number, width: number): string {
  const parts = ratio === 0 ? 0 : Math.max(1, Math.round(ratio * width * 8));
  return `${'█'.repeat(Math.floor(parts / 8))}${eighths[parts % 8] ?? ''}`.padEnd(width);
}

/** Two digits where a share is small, since the tail is what matters. */
function sharePercent(count: number, total: number): string {
  const percent = total === 0 ? 0 : (count / total) * 100;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** Rows of labels and bars, 80 characters wide; bars show shares, so columns of other totals compare. */
export function countLines(title: string, columns: readonly HistogramColumn[], labels: readonly string[]): string[] {
  const totals = columns.map(({ counts }) => counts.reduce((all, count) => all + count, 0));
  const shareOf = (column: number, row: number): number =>
    (columns[column]?.counts[row] ?? 0) / Math.max(1, totals[column] ?? 1);
  const largest = Math.max(...columns.flatMap((_, column) => labels.map((_label, row) => shareOf(column, row))), 1e-9);
  const labelWidth = Math.max(0, ...labels.map((label) => label.length));
  const numberWidth = Math.max(1, ...columns.flatMap(({ counts }) => counts.map((count) => String(count).length)));
  const besideBar = numberWidth + 11;
  const cellWidth = Math.max(besideBar + 4, Math.floor((lineWidth - 2 - labelWidth) / Math.max(1, columns.length)));
  const barWidth = cellWidth - besideBar;
  const cell = ({ counts }: HistogramColumn, column: number, row: number): string => {
    const count = counts[row] ?? 0;
    const number = String(count).padStart(numberWidth);
    const share = sharePercent(count, totals[column] ?? 0).padStart(5);
    return `  ${bar(shareOf(column, row) / largest, barWidth)}  ${number}  ${share}`.padEnd(cellWidth);
  };
  const rows = labels.map((label, row) =>
    `  ${label.padStart(labelWidth)}${columns.map((column, index) => cell(column, index, row)).join('')}`.trimEnd(),
  );
  const names = columns.map(({ name }) => `  ${name.slice(0, cellWidth - 2)}`.padEnd(cellWidth)).join('');
  const header = columns.length > 1 ? [`  ${' '.repeat(labelWidth)}${names}`.trimEnd()] : [];
  return [title, ...header, ...rows];
}

/** Lines of at most 80 characters: one per bin, with a bar, a count and a share per column. */
export function histogramLines(
  title: string,
  columns: readonly HistogramColumn[],
  edges: readonly number[],
  format: (value: number) => string,
): string[] {
  const texts = edges.map(format);
  const width = Math.max(0, ...texts.map((text) => text.length));
  const labels = texts
    .slice(0, -1)
    .map((text, index) =>
      edges[index] === edges[index + 1]
        ? text.padStart(width)
        : `${text.padStart(width)} – ${(texts[index + 1] ?? '').padStart(width)}`,
    );
  return countLines(title, columns, labels);
}
