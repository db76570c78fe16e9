import { median } from '../base/statistics.ts';
import { formatShare } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { Block, ReportSection, Results } from '../model/section.ts';
import { rawOf } from './drawing/frame.ts';
import { type Quantity, scaleFor } from './drawing/scales.ts';
import { formatQuantity } from './drawing/series-table.ts';
import { stripChart } from './drawing/strip-chart.ts';

const colors = ['var(--accent)', 'var(--l1-line)', 'var(--warn)', 'var(--ok)'];

interface Metric {
  label: string;
  quantity: Quantity;
  read: (result: RunResult) => number | null;
}

const metrics: readonly Metric[] = [
  { label: 'Peak footprint', quantity: 'bytes', read: ({ memory }) => memory.peakBytes },
  { label: 'Memory after the load', quantity: 'bytes', read: ({ memory }) => memory.floorBytes },
  { label: 'p95 latency', quantity: 'duration', read: ({ requests }) => requests.latencyMs.p95 },
  {
    label: 'Answered',
    quantity: 'count',
    read: ({ requests }) => (requests.planned === 0 ? null : requests.outcomes.ok),
  },
];

/** Sessions in the order of the page. */
function sessions(results: Results): readonly (readonly RunResult[])[] {
  const byId = new Map<string, RunResult[]>();
  for (const result of results) {
    byId.set(result.session.id, [...(byId.get(result.session.id) ?? []), result]);
  }
  return [...byId.values()];
}

function spread(values: readonly number[]): string {
  const middle = median(values);
  return middle === null || middle === 0 || values.length < 2
    ? ''
    : `, spread ${formatShare((Math.max(...values) - Math.min(...values)) / middle)}`;
}

function strip(metric: Metric, groups: readonly (readonly RunResult[])[]): Block | null {
  const rows = groups.flatMap((runs, index) => {
    const values = runs.flatMap((run) => metric.read(run) ?? []);
    const name = groups.length === 1 ? 'repeats' : `session ${index + 1}`;
    return values.length === 0
      ? []
      : [{ name, values, middle: median(values), color: colors[index % colors.length] ?? '' }];
  });
  const all = rows.flatMap(({ values }) => values);
  const first = groups[0]?.[0];
  if (all.length < 2 || first === undefined) {
    return null;
  }
  const told = rows.map(
    ({ name, values, middle }) =>
      `${name}: median ${formatQuantity(metric.quantity, middle)} of ${values.length}${spread(values)}`,
  );
  return {
    type: 'chart',
    title: metric.label,
    caption: `${told.join('; ')}. Each dot is one run, the upright line the median.`,
    legend: rows.map(({ name, color }) => ({ label: name, color, dashed: false })),
    spec: stripChart(rows, scaleFor(metric.quantity, Math.max(...all))),
    table: {
      type: 'table',
      caption: `${metric.label} of each run`,
      headings: ['run', 'session', metric.label.toLowerCase()],
      rows: groups.flatMap((runs, index) =>
        runs.map((run) => [run.runId, `${index + 1}`, formatQuantity(metric.quantity, metric.read(run))]),
      ),
    },
    raw: rawOf(first),
  };
}

export const repeats: ReportSection = {
  id: 'repeats',
  title: 'Repeats',
  render: (results) => {
    const groups = sessions(results);
    return groups.every((runs) => runs.length < 2) ? [] : metrics.flatMap((metric) => strip(metric, groups) ?? []);
  },
};
