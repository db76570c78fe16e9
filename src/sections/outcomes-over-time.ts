import { formatDuration, formatShare } from '../base/units.ts';
import { type Outcome, outcomes } from '../model/record.ts';
import type { RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { seriesOf } from './drawing/line-chart.ts';
import { stacked } from './drawing/memory-stack.ts';
import { stackedChart } from './drawing/stacked-chart.ts';
import { formatCount, outcomesInWords, outcomeWords } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';

/** Each area and the legend carry the outcome's name as well. */
const colors: Readonly<Record<Outcome, string>> = {
  ok: 'var(--l4)',
  http_error: 'var(--l1)',
  semantic_error: 'var(--l6)',
  timeout: 'var(--l2)',
  refused: 'var(--l5)',
  reset: 'var(--l3)',
  closed_early: 'var(--l7)',
  dropped: 'var(--l8)',
  cancelled: 'var(--l9)',
  in_flight_at_end: 'var(--l10)',
};

function caption({ requests, stages }: RunResult): string {
  const failed = requests.planned - requests.outcomes.ok;
  const share =
    requests.planned === 0 ? '' : `, ${formatShare(failed / requests.planned)} of ${formatCount(requests.planned)}`;
  const worst = stages
    .map((stage) => ({ name: stage.name, failed: stage.requests.planned - stage.requests.outcomes.ok, stage }))
    .sort((a, b) => b.failed - a.failed)[0];
  const where =
    worst === undefined || worst.failed === 0
      ? ''
      : ` Most of them in ${worst.name}: ${outcomesInWords(worst.stage.requests, true).join(', ')}.`;
  const all =
    failed === 0
      ? 'All that was planned was answered.'
      : `${formatCount(failed)} requests were not answered well${share}.${where}`;
  return `${all} A request stands at the time for which it was planned, whenever its outcome came.`;
}

function errorTable({ requests }: RunResult): readonly Block[] {
  const codes = Object.entries(requests.errors).sort(([, a], [, b]) => b - a);
  return codes.length === 0
    ? []
    : [
        {
          type: 'table',
          isFolded: true,
          caption: `Error codes${codes.length > 50 ? ', the 50 most frequent' : ''}`,
          headings: ['code', 'requests'],
          rows: codes.slice(0, 50).map(([code, count]) => [code, formatCount(count)]),
        },
      ];
}

function blocks(result: RunResult): readonly Block[] {
  const held = outcomes.flatMap((outcome) => {
    const series = seriesOf(result, `outcome:${outcome}`);
    return series === null ? [] : [{ holder: outcomeWords[outcome], series, color: colors[outcome] }];
  });
  const chart = stackedChart(result, stacked(held), {
    title: `What became of the requests, planned per second${held.length === 1 ? `: ${held[0]?.holder ?? ''}` : ''}`,
    caption: caption(result),
    quantity: 'rate',
    heightPx: 120,
    interpolate: 'step',
    raw: 'requests',
  });
  if (chart === null) {
    const { planned } = result.requests;
    const after = result.stages.at(-1)?.endMs ?? null;
    return [
      {
        type: 'paragraph',
        text:
          planned === 0
            ? 'No request was planned in this run.'
            : `${formatCount(planned)} requests were planned in ${formatDuration(after)}; their outcomes over time were not kept.`,
      },
    ];
  }
  return [chart, ...errorTable(result)];
}

export const outcomesOverTime: ReportSection = {
  id: 'outcomes-over-time',
  title: 'Outcomes over time',
  render: (results) => eachRun(results, blocks),
};
