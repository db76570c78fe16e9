import { formatDuration } from '../../base/units.ts';
import type { LatencySummary, RunResult } from '../../model/result.ts';
import type { ReportSection } from '../../model/section.ts';
import { type Comparison, changeText, fromOf, ofSide, sidesOf } from './comparison.ts';

const quantiles = ['p50', 'p95', 'p99', 'max'] as const;

export function latencyOfBoth(comparison: Comparison): ReportSection {
  const sides = sidesOf(comparison);
  const stages = [
    ...new Set(sides.flatMap(({ runs }) => runs.flatMap((run) => run.stages.filter(({ kind }) => kind === 'load')))),
  ].map(({ name }) => name);
  const places: readonly { name: string; read: (run: RunResult) => LatencySummary | null }[] = [
    { name: 'whole run', read: ({ requests }) => requests.latencyMs },
    ...[...new Set(stages)].map((stage) => ({
      name: stage,
      read: (run: RunResult) => run.stages.find(({ name }) => name === stage)?.requests.latencyMs ?? null,
    })),
  ];
  const rows = places.flatMap(({ name, read }) =>
    quantiles.map((quantile) => {
      const values = sides.map((side) => ofSide(side, (run) => read(run)?.[quantile] ?? null));
      return [
        name,
        quantile === 'max' ? 'longest' : quantile,
        ...values.map((ms) => (ms === null ? '–' : formatDuration(ms))),
        ...values.slice(1).map((ms) => changeText(values[0] ?? null, ms)),
      ];
    }),
  );
  return {
    id: 'latency',
    title: 'Latency',
    render: () => [
      {
        type: 'table',
        caption: `Latency of answered requests ${fromOf(sides)}; – where nothing was answered`,
        headings: [
          'stage',
          'percentile',
          ...sides.map(({ label }) => label),
          ...comparison.candidates.map(({ label }) => `change, ${label}`),
        ],
        rows: rows.filter((row) => row.slice(2).some((cell) => cell !== '–')),
      },
    ],
  };
}
