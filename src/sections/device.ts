import { formatBytes, formatShare } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { ReportSection } from '../model/section.ts';
import { lineChart, seriesOf } from './drawing/line-chart.ts';
import { highest } from './drawing/time-chart.ts';
import { deviceMemoryName } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';
import { upperFirst } from './wording/sentences.ts';

function deviceTotalBytes(result: RunResult): number | null {
  for (const row of result.memory.perMinute) {
    if (row.vramUsedBytes !== null && row.vramFreeBytes !== null) {
      return row.vramUsedBytes + row.vramFreeBytes;
    }
  }
  return null;
}

function caption(result: RunResult): string {
  const series = seriesOf(result, 'deviceUsed');
  const peakBytes = series === null ? null : highest(series);
  const totalBytes = deviceTotalBytes(result);
  const of =
    totalBytes === null || peakBytes === null
      ? ''
      : `, ${formatShare(peakBytes / totalBytes)} of ${formatBytes(totalBytes)}`;
  const ledger =
    result.target.device.kind === 'virtual'
      ? ` It is the reference server's own ledger, not a device${result.target.device.why === null ? '' : ` (${result.target.device.why})`}.`
      : '';
  return `At most ${formatBytes(peakBytes)} of ${deviceMemoryName(result)} in use${of}.${ledger}`;
}

export const device: ReportSection = {
  id: 'device',
  title: 'Device memory',
  render: (results) =>
    eachRun(results, (result) => {
      const name = deviceMemoryName(result);
      const chart = lineChart(result, {
        title: `${upperFirst(name)} in use`,
        caption: caption(result),
        quantity: 'bytes',
        heightPx: 110,
        lines: [{ name: 'deviceUsed', label: `${name} in use`, color: 'var(--accent)', dash: null }],
      });
      const why = result.target.device.why;
      const text = `No device memory was observed${why === null ? '' : `: ${why}`}.`;
      return [chart ?? { type: 'paragraph', text }];
    }),
};
