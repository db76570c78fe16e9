import { formatDuration } from '../base/units.ts';
import { latencyFrom, latencyFromWords } from '../computed/watched.ts';
import type { RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { latencyCurveChart } from './drawing/latency-curve-chart.ts';
import { lineChart } from './drawing/line-chart.ts';
import { outcomesInWords } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';

function caption(result: RunResult): string {
  const { p50, p95, p99 } = result.requests.latencyMs;
  const others = outcomesInWords(result.requests, true);
  const without = others.length === 0 ? '' : ` Not in these figures, since they have no answer: ${others.join(', ')}.`;
  const closed = result.stages.some((stage) => stage.loadModel === 'closed')
    ? ' In a closed stage a request is planned when its slot is free, so waiting hides the overload.'
    : '';
  return p95 === null
    ? `Nothing was answered, so there is no latency.${without}`
    : `Half of the answers within ${formatDuration(p50)} ${latencyFrom(result) === 'planned' ? 'of their planned time' : 'of being sent'}, 95 % within ${formatDuration(p95)}, 99 % within ${formatDuration(p99)}.${without}${closed}`;
}

function quantiles(result: RunResult): Block {
  const row = (name: string, { p50, p95, p99, max }: RunResult['requests']['latencyMs']): readonly string[] => [
    name,
    ...[p50, p95, p99, max].map((ms) => (ms === null ? '–' : formatDuration(ms))),
  ];
  return {
    type: 'table',
    caption: 'Latency of answered requests; – where nothing was answered',
    headings: ['measured', 'p50', 'p95', 'p99', 'longest'],
    rows: [
      ...(latencyFrom(result) === 'planned' ? [row(latencyFromWords.planned, result.requests.latencyMs)] : []),
      row(latencyFromWords.sent, result.requests.serviceMs),
    ],
  };
}

export const latency: ReportSection = {
  id: 'latency',
  title: 'Latency',
  render: (results) =>
    eachRun(results, (result) => {
      const chart = lineChart(result, {
        title: `Latency ${latencyFromWords[latencyFrom(result)]}`,
        caption: caption(result),
        quantity: 'duration',
        heightPx: 120,
        lines: [
          { name: 'latencyP95', label: 'p95', color: 'var(--l1-line)', dash: null },
          { name: 'latencyP99', label: 'p99', color: 'var(--muted)', dash: [2, 3] },
          { name: 'latencyP50', label: 'p50', color: 'var(--accent)', dash: [5, 3] },
        ],
        raw: 'requests',
      });
      const curve = latencyCurveChart(result);
      return [
        chart ?? { type: 'paragraph', text: caption(result) },
        quantiles(result),
        ...(curve === null ? [] : [curve]),
      ];
    }),
};
