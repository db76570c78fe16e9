import { formatDuration } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { ReportSection } from '../model/section.ts';
import { lineChart, seriesOf } from './drawing/line-chart.ts';
import { highest } from './drawing/time-chart.ts';
import { eachRun } from './wording/each-run.ts';

function caption(result: RunResult): string {
  const series = seriesOf(result, 'healthRtt');
  const slowest = series === null ? null : highest(series);
  const silence = result.stages.some((stage) => stage.kind === 'silence')
    ? ' In a stage of silence it is not asked.'
    : '';
  return `The slowest answer to a health question took ${formatDuration(slowest)}. A gap is a question without an answer, or none asked.${silence}`;
}

export const liveness: ReportSection = {
  id: 'liveness',
  title: 'Does it still answer',
  render: (results) =>
    eachRun(results, (result) => {
      const chart = lineChart(result, {
        title: 'Health round trip',
        caption: caption(result),
        quantity: 'duration',
        heightPx: 90,
        lines: [{ name: 'healthRtt', label: 'health round trip', color: 'var(--accent)', dash: null }],
      });
      return [chart ?? { type: 'paragraph', text: 'No health question was answered in this run, or none was asked.' }];
    }),
};
