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

function peakOf(result: RunResult, name: string): number | null {
  const series = seriesOf(result, name);
  return series === null ? null : highest(series);
}

/** Empty where nobody told which process holds what. */
function holders(result: RunResult): string {
  const treeBytes = peakOf(result, 'deviceTree');
  const othersBytes = peakOf(result, 'deviceOthers');
  const others =
    othersBytes === null || othersBytes === 0 ? '' : `, other processes at most ${formatBytes(othersBytes)}`;
  return treeBytes === null ? '' : ` The target's processes held at most ${formatBytes(treeBytes)}${others}.`;
}

function caption(result: RunResult): string {
  const peakBytes = peakOf(result, 'deviceUsed');
  const totalBytes = deviceTotalBytes(result);
  const of =
    totalBytes === null || peakBytes === null
      ? ''
      : `, ${formatShare(peakBytes / totalBytes)} of ${formatBytes(totalBytes)}`;
  const ledger =
    result.target.device.kind === 'virtual'
      ? ` It is the reference server's own ledger, not a device${result.target.device.why === null ? '' : ` (${result.target.device.why})`}.`
      : '';
  return `At most ${formatBytes(peakBytes)} of ${deviceMemoryName(result)} in use${of}.${holders(result)}${ledger}`;
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
        lines: [
          { name: 'deviceUsed', label: `${name} in use`, color: 'var(--accent)', dash: null },
          { name: 'deviceTree', label: "the target's processes", color: 'var(--l1-line)', dash: [5, 3] },
          { name: 'deviceOthers', label: 'other processes', color: 'var(--muted)', dash: [2, 3] },
        ],
      });
      const busy = lineChart(result, {
        title: 'Device busy',
        caption: 'Share of time in which the device ran anything, between two samples.',
        quantity: 'share',
        heightPx: 70,
        lines: [{ name: 'deviceBusy', label: 'busy', color: 'var(--accent)', dash: null }],
      });
      const why = result.target.device.why;
      const text = `No device memory was observed${why === null ? '' : `: ${why}`}.`;
      return [chart ?? { type: 'paragraph', text }, ...(busy === null ? [] : [busy])];
    }),
};
