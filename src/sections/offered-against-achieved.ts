import { formatRate } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { ReportSection } from '../model/section.ts';
import { lineChart } from './drawing/line-chart.ts';
import { formatCount } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';

function finding(result: RunResult): string {
  const behind = result.stages
    .filter((stage) => stage.kind === 'load' && stage.offeredPerSecond !== null && stage.achievedPerSecond !== null)
    .map((stage) => ({
      name: stage.name,
      offered: stage.offeredPerSecond ?? 0,
      achieved: stage.achievedPerSecond ?? 0,
      loadModel: stage.loadModel,
    }))
    .sort((a, b) => b.offered - b.achieved - (a.offered - a.achieved))
    .at(0);
  if (behind === undefined) {
    return 'Requests planned and requests answered, each second.';
  }
  const rates = `${formatRate(behind.offered)} offered in ${behind.name}, ${formatRate(behind.achieved)} answered`;
  return behind.achieved < behind.offered * 0.95
    ? `Offered more than the target answers: ${rates}.`
    : `The target kept up: at most ${rates}.`;
}

function highestInFlight(result: RunResult): string {
  const values = (result.series['inFlight']?.values ?? []).filter((value) => value !== null);
  const top = values.reduce((most, value) => Math.max(most, value), 0);
  return `At most ${formatCount(top)} requests were open at once.`;
}

export const offeredAgainstAchieved: ReportSection = {
  id: 'offered-against-achieved',
  title: 'Offered against achieved',
  render: (results) =>
    eachRun(results, (result) => {
      const rates = lineChart(result, {
        title: 'Offered and achieved rate',
        caption: finding(result),
        quantity: 'rate',
        heightPx: 120,
        lines: [
          { name: 'achieved', label: 'achieved', color: 'var(--accent)', dash: null },
          { name: 'offered', label: 'offered', color: 'var(--muted)', dash: [4, 3] },
        ],
        raw: 'requests',
      });
      const inFlight = lineChart(result, {
        title: 'Requests in flight',
        caption: highestInFlight(result),
        quantity: 'count',
        heightPx: 90,
        lines: [{ name: 'inFlight', label: 'in flight', color: 'var(--accent)', dash: null }],
        interpolate: 'step-after',
        raw: 'requests',
      });
      const charts = [rates, inFlight].filter((block) => block !== null);
      return charts.length > 0 ? charts : [{ type: 'paragraph', text: 'No request was planned in this run.' }];
    }),
};
