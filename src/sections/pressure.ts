import { formatShare } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { ReportSection } from '../model/section.ts';
import { lineChart, seriesOf } from './drawing/line-chart.ts';
import { highest } from './drawing/time-chart.ts';
import { eachRun } from './wording/each-run.ts';

function caption(result: RunResult): string {
  const full = seriesOf(result, 'psiMemoryFull');
  const some = seriesOf(result, 'psiMemorySome');
  const fullTop = full === null ? null : highest(full);
  const someTop = some === null ? null : highest(some);
  const stalled =
    fullTop === null
      ? 'Time in which all tasks wait for memory was not readable.'
      : `All tasks waited for memory for at most ${formatShare(fullTop)} of the time between two samples`;
  const partly = fullTop === null ? '' : someTop === null ? '.' : `, some task for at most ${formatShare(someTop)}.`;
  return `${stalled}${partly} Stalls on processor and disk are shown for context.`;
}

export const pressure: ReportSection = {
  id: 'pressure',
  title: 'Pressure (PSI)',
  render: (results) =>
    eachRun(results, (result) => {
      const chart = lineChart(result, {
        title: 'Share of time stalled (PSI)',
        caption: caption(result),
        quantity: 'share',
        heightPx: 110,
        lines: [
          { name: 'psiMemoryFull', label: 'memory, all tasks', color: 'var(--fail)', dash: null },
          { name: 'psiMemorySome', label: 'memory, some task', color: 'var(--l1-line)', dash: [5, 3] },
          { name: 'psiCpuSome', label: 'processor, some task', color: 'var(--accent)', dash: [2, 3] },
          { name: 'psiIoSome', label: 'disk, some task', color: 'var(--muted)', dash: [1, 3] },
        ],
      });
      return [chart ?? { type: 'paragraph', text: 'Pressure stall information was not readable on this host.' }];
    }),
};
